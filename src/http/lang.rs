//! Languages of the pages: Chinese first, English second.

use actix_web::HttpRequest;

/// The language of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    #[default]
    Zh,
    En,
}

/// Name of the cookie that remembers the choice.
pub const COOKIE: &str = "lang";

impl Lang {
    /// `?lang=` first, then the cookie, then Chinese.
    pub fn of(request: &HttpRequest) -> Lang {
        Lang::asked(request)
            .or_else(|| request.cookie(COOKIE).and_then(|cookie| Lang::from_code(cookie.value())))
            .unwrap_or_default()
    }

    /// The language that the address itself asks for.
    pub fn asked(request: &HttpRequest) -> Option<Lang> {
        request.query_string().split('&').find_map(|pair| Lang::from_code(pair.strip_prefix("lang=")?))
    }

    pub fn code(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }

    /// For the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    pub fn from_code(code: &str) -> Option<Lang> {
        [Lang::Zh, Lang::En].into_iter().find(|lang| lang.code() == code)
    }

    pub fn other(self) -> Lang {
        match self {
            Lang::Zh => Lang::En,
            Lang::En => Lang::Zh,
        }
    }

    /// The text in this language.
    pub fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}
