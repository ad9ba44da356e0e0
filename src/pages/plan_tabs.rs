//! The tabs of the planner's desk: one page a question.

use maud::{Markup, html};

use crate::http::Lang;

/// Address, Chinese, English.
const TABS: [(&str, &str, &str); 11] = [
    ("/plan", "覆盖", "Coverage"),
    ("/plan/scorecard", "多个标准", "Standards"),
    ("/plan/tiers", "达标", "Tiers"),
    ("/plan/catchment", "供给与需要", "Capacity against need"),
    ("/plan/siting", "选址", "Siting"),
    ("/plan/scenario", "如果……", "What if"),
    ("/plan/scenarios", "方案", "Scenarios"),
    ("/plan/targets", "计划与完成", "Plan and built"),
    ("/plan/programmes", "项目台账", "Ledger"),
    ("/plan/claims", "公布数", "Published figures"),
    ("/plan/report", "报表", "Report"),
];

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
