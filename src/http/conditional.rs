//! Conditional requests as RFC 9110 has them: `If-Match` compares strongly, `If-None-Match` weakly; both take lists and `*`.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};

use super::{Code, Problem};

/// An entity tag: what stands between its quotation marks.
#[derive(Debug, Clone, PartialEq)]
struct Tag {
    weak: bool,
    opaque: String,
}

/// What a conditional header asks for.
#[derive(Debug, Clone, PartialEq)]
enum Tags {
    Any,
    /// None of them, where nothing in the header is a tag.
    These(Vec<Tag>),
}

impl Tags {
    /// `None`: there is no such header. What is no tag matches nothing; it is not a fault.
    fn of(request: &HttpRequest, name: HeaderName) -> Option<Tags> {
        let lines: Vec<&str> = request.headers().get_all(name).map(|line| line.to_str().unwrap_or_default()).collect();
        (!lines.is_empty()).then(|| Tags::read(&lines.join(",")))
    }

    fn read(mut rest: &str) -> Tags {
        if rest.trim() == "*" {
            return Tags::Any;
        }
        let mut tags = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return Tags::These(tags);
            }
            let weak = rest.starts_with("W/\"");
            let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"');
            match quoted.and_then(|quoted| quoted.split_once('"')) {
                Some((opaque, beyond)) => {
                    tags.push(Tag { weak, opaque: opaque.to_owned() });
                    rest = beyond;
                }
                None => rest = rest.split_once(',').map_or("", |(_, beyond)| beyond),
            }
        }
    }
}

/// The versions of a record on which a writer may write.
#[derive(Debug, Clone, PartialEq)]
pub struct IfMatch(Tags);

impl IfMatch {
    /// `what`: the record, for whoever forgot the header.
    pub fn of(request: &HttpRequest, what: &str) -> Result<IfMatch, Problem> {
        Tags::of(request, header::IF_MATCH).map(IfMatch).ok_or_else(|| {
            let detail = format!(
                "Send If-Match with the ETag of {what} as you saw it, so that nobody's newer figures are lost."
            );
            Problem::new(Code::NeedsIfMatch, detail)
        })
    }

    /// The strong tags, by the part that names the state of the record: before the first `-`, as behind it stands what else
    /// an answer depends on.
    fn states(&self) -> impl Iterator<Item = &str> {
        let tags = match &self.0 {
            Tags::Any => [].as_slice(),
            Tags::These(tags) => tags,
        };
        tags.iter().filter(|tag| !tag.weak).map(|tag| tag.opaque.split('-').next().unwrap_or_default())
    }

    /// The version to write on, where `held` is the one at hand; one that no record has where none matches.
    pub fn version(&self, held: i64) -> i64 {
        let versions = || self.states().filter_map(|state| state.parse().ok());
        match self.0 {
            Tags::Any => held,
            Tags::These(_) if versions().any(|version: i64| version == held) => held,
            // Perhaps the newest of them is on its way to this server's map.
            Tags::These(_) => versions().max().unwrap_or(0),
        }
    }

    /// The version to try again on, after `tried` was not the one that the record has: `now`.
    pub fn again(&self, tried: i64, now: i64) -> Option<i64> {
        (tried != now && self.version(now) == now).then_some(now)
    }

    /// The state to write on, where `held` is the one at hand.
    pub fn state(&self, held: &str) -> String {
        let any = self.0 == Tags::Any || self.states().any(|state| state == held);
        let told = || self.states().next().unwrap_or_default();
        if any { held.to_owned() } else { told().to_owned() }
    }
}

/// Whether the asker holds the answer of this tag already.
pub fn held_already(request: &HttpRequest, tag: &str) -> bool {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    match Tags::of(request, header::IF_NONE_MATCH) {
        Some(Tags::Any) => true,
        Some(Tags::These(tags)) => tags.iter().any(|held| held.opaque == opaque),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn if_match(value: &str) -> IfMatch {
        let request = TestRequest::default().insert_header((header::IF_MATCH, value)).to_http_request();
        IfMatch::of(&request, "the record").expect("a header")
    }

    #[test]
    fn a_list_matches_where_one_of_its_strong_tags_does() {
        for value in ["*", "\"7\"", "\"3\", \"7\"", "\"3\",\"7-261128o\",\"x\"", "W/\"1\", \"7\"", "junk, \"7\""] {
            assert_eq!(if_match(value).version(7), 7, "{value}");
            assert_eq!(if_match(value).again(6, 7), Some(7), "{value}");
        }
        for value in ["\"3\"", "W/\"7\"", "7", "\"seven\"", "", "\"7", "\"77\"", "W/*"] {
            assert_ne!(if_match(value).version(7), 7, "{value}");
            assert_eq!(if_match(value).again(6, 7), None, "{value}");
        }
        assert_eq!((if_match("*").state("ab"), if_match("\"cd-1\"").state("ab")), ("ab".into(), "cd".into()));
        assert_eq!(
            (if_match("\"x\", \"ab-9\"").state("ab"), if_match("W/\"ab\"").state("ab")),
            ("ab".into(), "".into())
        );
    }

    #[test]
    fn what_one_holds_is_compared_weakly() {
        for (held, same) in
            [("*", true), ("W/\"a,b\"", true), ("\"x\", \"a,b\"", true), ("\"a\", \"b\"", false), ("a,b", false)]
        {
            let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, held)).to_http_request();
            assert_eq!(held_already(&request, "W/\"a,b\""), same, "{held}");
            assert_eq!(held_already(&request, "\"a,b\""), same, "{held}");
        }
        assert!(!held_already(&TestRequest::default().to_http_request(), "\"a\""));
    }
}
