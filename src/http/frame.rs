//! The frame of every page.

use actix_web::HttpRequest;

use super::{App, Lang, Problem};

/// The page that shows a problem to a person.
pub fn problem_page(_app: &App, _request: &HttpRequest, lang: Lang, problem: &Problem, instance: &str) -> String {
    let (zh, en) = problem.code.titles();
    maud::html! { h1 { (lang.say(zh, en)) } p { (problem.detail) } p { (instance) } }.into_string()
}
