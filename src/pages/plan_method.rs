//! What the planner's pages end with: downloads, and what the numbers rest on.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::plan_answer::About;
use super::{people, words};
use crate::analysis::coverage::Counted;
use crate::atlas::Atlas;
use crate::http::Lang;
use crate::http::frame::Address;

/// The same answer in another form: where, as which file (`None`: to be looked at), and its name.
pub type Download<'a> = (Address, Option<&'a str>, &'a str);

pub fn downloads(lang: Lang, all: &[Download]) -> Markup {
    html! {
        h2 id="files" { (lang.say("下载", "Download")) }
        ul.chips { @for (there, file, name) in all { li { a href=(there) download=[*file] { (name) } } } }
    }
}

/// The record that was read, of when, and the people; `more` stands between the two.
pub fn basis(
    atlas: &Atlas,
    lang: Lang,
    (revision, as_of): (i64, DateTime<Utc>),
    more: &Markup,
    (counted, about): (&Counted, &About),
) -> Markup {
    html! {
        p.source {
            (lang.say("机构数据：第 ", "Facilities: revision ")) (revision) (lang.say(" 版，", ", ")) span.number { (as_of.with_timezone(&atlas.zone()).format("%Y-%m-%d %H:%M")) }
            (more)
            br; (lang.say("人口数据日期：", "Population as of: "))
            (people::days(lang, counted))
            @for source in &about.sources { br; (lang.say("人口来源：", "Population source: ")) (words::told(source)) }
            @if about.demo { br; strong { (lang.say("人口数字是演示用的，按规则分摊，不是统计数。", "The population figures are for demonstration, spread by rule, not counted.")) } }
        }
    }
}
