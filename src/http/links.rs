//! Links of a list: to the page itself and to the next one.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value, json};

use super::Parameters;
use crate::analysis::Part;

/// As many gaps as one answer holds.
pub const GAPS: usize = 20_000;

/// The address of a list, of which a page is shown.
#[derive(Debug, Clone)]
pub struct Links {
    path: String,
    query: String,
}

impl Links {
    pub fn of(request: &HttpRequest) -> Links {
        // A job's answer is that of the address without `job`.
        let kept = request.query_string().split('&').filter(|part| !part.starts_with("job="));
        Links { path: request.path().to_owned(), query: kept.collect::<Vec<_>>().join("&") }
    }

    /// `self`, and `next` where there is more after the cursor.
    pub fn told(&self, kind: &str, next: Option<String>) -> Value {
        let own = if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) };
        let mut links = vec![json!({"rel": "self", "href": own, "type": kind})];
        links.extend(next.map(|cursor| json!({"rel": "next", "href": self.after(&cursor), "type": kind})));
        Value::Array(links)
    }

    /// For an answer that has no place for links (CSV): the header that leads to the rest (RFC 8288).
    pub fn lead(&self, mut response: HttpResponse, next: Option<String>) -> HttpResponse {
        let link = next.map(|cursor| format!("<{}>; rel=\"next\"", self.after(&cursor)));
        if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }

    /// The address of what follows.
    pub fn after(&self, cursor: &str) -> String {
        let cursor = format!("cursor={}", super::address::escape(cursor));
        let kept = self.query.split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
        format!("{}?{}", self.path, kept.chain([cursor.as_str()]).collect::<Vec<_>>().join("&"))
    }
}

/// Which rows of an answer are asked for: `limit` of them after those that `cursor` counts.
pub fn part(parameters: &mut Parameters) -> Part {
    part_of(parameters, Part::MOST, Part::MOST)
}

/// The same of a list with other numbers of rows: where nobody says, and at most.
pub fn part_of(parameters: &mut Parameters, usual: usize, most: usize) -> Part {
    let most = parameters.number("limit", 1..=most, "whole number").unwrap_or(usual);
    Part { skip: parameters.number("cursor", 0..=100_000_000, "number of rows").unwrap_or(0), most }
}

/// The cursor of the page after this one, where `shown` of `matched` rows are on it.
pub fn next(part: Part, shown: usize, matched: usize) -> Option<String> {
    let end = part.skip + shown;
    (shown > 0 && end < matched).then(|| end.to_string())
}

/// Leaves of all rows those of the page; says how many there were, and the cursor of the next page.
pub fn cut<T>(rows: &mut Vec<T>, part: Part) -> (usize, Option<String>) {
    let matched = rows.len();
    rows.drain(..part.skip.min(matched));
    rows.truncate(part.most);
    (matched, next(part, rows.len(), matched))
}

/// An answer with the links to its page and to the next.
#[derive(Serialize)]
pub struct Linked<T> {
    #[serde(flatten)]
    pub answer: T,
    /// Null where whoever asked has no address of the API.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub links: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_a_list_is_cut_and_says_where_the_next_begins() {
        let rows = || (0..7).collect::<Vec<_>>();
        for (skip, most, shown, next) in [(0, 3, vec![0, 1, 2], Some("3")), (6, 3, vec![6], None), (9, 3, vec![], None)]
        {
            let mut page = rows();
            assert_eq!(cut(&mut page, Part { skip, most }), (7, next.map(str::to_owned)));
            assert_eq!(page, shown);
        }
    }

    #[test]
    fn the_page_of_limits_tells_how_many_rows_an_answer_holds() {
        let page = include_str!("../../docs/limits.md");
        // All are whole thousands.
        let told = |number: usize| format!("{},000", number / 1000);
        for row in [
            format!("| rows of `/coverage` and `/coverage/scorecard` | {0} | {0} |", told(Part::MOST)),
            format!("| units of a rule of `/tiers` | {0} | {0} |", told(Part::MOST)),
            format!("| `/coverage/gaps` | 1,000 | {} |", told(GAPS)),
        ] {
            assert!(page.contains(&row), "docs/limits.md lacks {row}");
        }
    }
}
