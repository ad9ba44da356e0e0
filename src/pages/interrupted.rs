//! A form that was interrupted: its session ended, or somebody signed in anew. Nothing is written, and what was typed goes
//! along in hidden fields of the next page, however long it is: never in an address, and so in no log.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::sign_in::{self, see};
use crate::care::Who;
use crate::http::frame::{Address, Frame};
use crate::http::who::{SEAL, check_seal, check_site, seal_of};
use crate::http::{App, Lang, Problem};

/// What was typed: the fields of a form, with the version that was seen.
type Fields = Vec<(String, String)>;

/// Fields that say nothing to people.
const SILENT: [&str; 7] = ["version", "into_version", "seq", "key", "form_key", "query", "confirm"];

/// The fields of a body, and the seal that it carries.
fn read(body: &[u8]) -> (Fields, Option<String>) {
    let text = String::from_utf8_lossy(body);
    let pairs = web::Query::<Fields>::from_query(&text).map(web::Query::into_inner).unwrap_or_default();
    let (seals, fields): (Fields, Fields) = pairs.into_iter().partition(|(name, _)| name == SEAL);
    (fields, seals.into_iter().next().map(|(_, seal)| seal))
}

/// Who sent a form of this site, and whether it is of another session: then it is shown again and nothing is written.
/// Whoever is not signed in does that first; what was typed goes along.
pub async fn sender(
    app: &App,
    request: &HttpRequest,
    body: &[u8],
) -> Result<Result<(Who, bool), HttpResponse>, Problem> {
    let (site, (fields, told)) = (check_site(request), read(body));
    let Some(who) = app.signed_in(request).await? else {
        let there = request.path();
        return Ok(Err(match site {
            Ok(()) => {
                let typed = serde_json::to_string(&fields).unwrap_or_default();
                let back = sign_in::Back { there: Some(there), typed: Some(&typed) };
                sign_in::page(app, request, StatusCode::UNAUTHORIZED, None, back, "")
            }
            Err(_) => see(&Address::new("/sign-in").with("back", there)),
        }));
    };
    site?;
    Ok(Ok((who, check_seal(request, told.as_deref()).is_err())))
}

/// The same for a form that has little to show again: what is about to be sent is shown, and a button sends it.
pub async fn sealed_sender(
    app: &App,
    request: &HttpRequest,
    body: &[u8],
) -> Result<Result<Who, HttpResponse>, Problem> {
    Ok(match sender(app, request, body).await? {
        Ok((who, false)) => Ok(who),
        Ok((_, true)) => Err(confirm(app, request, body)),
        Err(sign_in) => Err(sign_in),
    })
}

/// What is about to be sent, and the button that sends it with the seal of this session.
pub fn confirm(app: &App, request: &HttpRequest, body: &[u8]) -> HttpResponse {
    go_on(app, request, request.path(), &read(body).0, Some(seal_of(request)))
}

/// After signing in: the way back to the form, which is shown again and not saved by itself.
pub fn signed_in(app: &App, request: &HttpRequest, there: &str, typed: &str) -> HttpResponse {
    let typed: Fields = serde_json::from_str(typed).unwrap_or_default();
    go_on(app, request, there, &typed, None)
}

/// What was typed, and the button that sends it on. With a seal it is taken, without one its form is shown again.
fn go_on(app: &App, request: &HttpRequest, there: &str, typed: &Fields, seal: Option<String>) -> HttpResponse {
    let lang = Lang::of(request);
    let (status, title) = match seal {
        Some(_) => (StatusCode::FORBIDDEN, lang.say("请再确认一次", "Please confirm once more")),
        None => (StatusCode::OK, lang.say("已登录", "Signed in")),
    };
    let shown = typed.iter().filter(|(name, value)| !SILENT.contains(&name.as_str()) && !value.trim().is_empty());
    Frame::new(app, request, title).answer_private(
        status,
        html! {
            h1 { (title) }
            @if seal.is_some() {
                (again(lang))
                ul { @for (_, value) in shown { li { (value) } } }
            } @else { p { (lang.say("刚才填的内容还在，还没有保存。", "What you typed is still here; it is not saved yet.")) } }
            form method="post" action=(there) {
                @if let Some(seal) = &seal { input type="hidden" name=(SEAL) value=(seal); }
                @for (name, value) in typed { input type="hidden" name=(name) value=(value); }
                button.full type="submit" { @if seal.is_some() { (lang.say("确认提交", "Send it")) } @else { (lang.say("接着填", "Go on with it")) } }
            }
            p { a href=(there) { (lang.say("不要了，重新开始", "Leave it and start anew")) } }
        },
    )
}

/// Why nothing was written, and what to do.
pub fn sentence(lang: Lang) -> &'static str {
    lang.say(
        "这张表是另一次登录时打开的。刚才填的内容还在，请核对后再保存。",
        "This form was opened in another session. What you typed is still here; check it and save.",
    )
}

/// Said above a form that is shown again.
pub fn again(lang: Lang) -> Markup {
    html! {
        div.notice role="alert" {
            h2 { (lang.say("还没有保存", "Not saved yet")) }
            p { (sentence(lang)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_typed_goes_along_but_the_seal() {
        let body = "version=3&clear=phone&clear=note&seal=abc&note=%E4%B8%80%0D%0A%E4%BA%8C".as_bytes();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [pair("version", "3"), pair("clear", "phone"), pair("clear", "note"), pair("note", "一\r\n二")];
        assert_eq!(read(body), (expected.to_vec(), Some("abc".to_owned())));
    }
}
