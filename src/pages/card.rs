//! One facility in a list: what is needed to choose it, and to call it without a further page.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{hours, words};
use crate::atlas::{Atlas, Entry};
use crate::care::Status;
use crate::care::phone::{self, PhoneNumber};
use crate::http::representation::local;
use crate::http::{App, Lang};

/// What every card of a list shares.
pub struct Cards<'a> {
    pub app: &'a App,
    pub atlas: &'a Atlas,
    pub lang: Lang,
    pub now: DateTime<Utc>,
    /// Whether each can be ticked for the form `compare` of the page.
    pub compare: bool,
}

impl Cards<'_> {
    /// A list item; `distance_m` where the list is by distance.
    pub fn card(&self, entry: &Entry, distance_m: Option<f64>) -> Markup {
        let (lang, atlas, facility) = (self.lang, self.atlas, &entry.facility);
        let address = format!("/f/{}", facility.id);
        let open = hours::open_now(lang, entry, local(atlas, self.now));
        html! {
            li.item {
                h2 { a href=(address) { (words::told(&facility.name)) } }
                p.tags {
                    (words::mark(words::category(atlas, &facility.kind)))
                    span { (words::kind_name(atlas, lang, &facility.kind)) }
                    @if facility.status != Status::Operating { span.tag { (words::status(lang, facility.status)) } }
                    @if let Some((open, said)) = &open { span.tag.open[*open == Some(true)] { (said) } }
                    @if facility.demo { span.tag.demo { (lang.say("演示", "demo")) } }
                }
                dl.facts {
                    @if let Some(metres) = distance_m {
                        dt { (lang.say("直线距离", "Straight line")) }
                        dd.far { (words::distance(lang, metres)) }
                    }
                    @if let Some(held) = facility.capacity.first() {
                        dt { (lang.say("空余", "Free places")) }
                        dd { (words::capacity(atlas, lang, held)) br; (words::capacity_date(self.app, lang, held)) }
                    }
                    dt { (lang.say("地址", "Address")) }
                    dd { @match &facility.address { Some(address) => (words::told(address)), None => (words::unknown(lang)) } }
                    @if facility.located().is_none() {
                        dt { (lang.say("位置", "Position")) }
                        dd { (lang.say("未确认，不在地图上", "not confirmed, not on the map")) }
                    }
                    @if facility.phone.is_none() { dt { (lang.say("电话", "Phone")) } dd { (words::unknown(lang)) } }
                }
                div.buttons {
                    @if let Some(phone) = &facility.phone { (call_button(lang, phone)) }
                    a.button.second href=(format!("{address}/go")) { (lang.say("怎么去", "Directions")) }
                }
                @if self.compare {
                    label.check { input type="checkbox" name="ids" value=(facility.id) form="compare";
                                  span { (lang.say("选中比较", "Tick to compare")) } }
                }
            }
        }
    }
}

/// Each number stands on a button of its own: it can be read out, written down or pressed. What is no number is shown.
pub fn call_button(lang: Lang, told: &str) -> Markup {
    let numbers = phone::numbers(told);
    let number = |number: &PhoneNumber| {
        let shown = &told[number.at.clone()];
        html! { a.button href=(number.uri()) { (lang.say("打电话", "Call")) " " span.number { (shown) } } }
    };
    // Labels and extensions stand in the text, not on the buttons.
    let whole = matches!(numbers.as_slice(), [only] if &told[only.at.clone()] == told);
    html! {
        @for held in &numbers { (number(held)) }
        @if numbers.is_empty() { p { (lang.say("电话：", "Phone: ")) span.number lang="zh-CN" { (told) } } }
        @else if !whole { p.quiet { span.number lang="zh-CN" { (told) } } }
    }
}
