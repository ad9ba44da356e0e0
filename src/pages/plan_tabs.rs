//! The tabs of the planner's desk: one page a question.

use maud::{Markup, html};

use crate::http::Lang;

/// Address, Chinese, English.
const TABS: [(&str, &str, &str); 2] = [("/plan", "覆盖", "Coverage"), ("/plan/siting", "选址", "Siting")];

/// Links to all questions, the one at `here` marked.
pub fn tabs(lang: Lang, here: &str) -> Markup {
    html! {
        nav aria-label=(lang.say("规划的各个页面", "Pages of the plan")) {
            ul.chips { @for (path, zh, en) in TABS {
                li { a href=(path) aria-current=[(path == here).then_some("page")] { (lang.say(zh, en)) } }
            } }
        }
    }
}
