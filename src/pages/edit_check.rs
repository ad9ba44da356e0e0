//! The last look before a change is saved: old and new; where somebody was quicker, theirs and mine to choose from.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

use super::inputs::{hidden, label, last_days, said};
use super::lines::{self, Line, Typed, held};
use super::my::field;
use super::sign_in::sealed;
use super::words;
use crate::care::Facility;
use crate::http::frame::Frame;
use crate::http::{App, Code, Lang};

/// What is about to be saved.
#[derive(Clone, Copy)]
pub struct Checked<'a> {
    pub version: i64,
    pub typed: &'a [Typed],
    /// The reason that was given for whoever reviews.
    pub note: Option<&'a str>,
    /// What is odd and may stand all the same.
    pub odd: Option<&'a str>,
    /// The record as somebody else has left it meanwhile.
    pub theirs: Option<&'a Facility>,
    /// Who changed it, and when.
    pub by: Option<&'a Markup>,
}

/// A field, its lines, and what was typed into each.
type Told<'a> = (&'static str, Vec<(&'a Line, &'a Typed)>);

/// The typed lines by the field that they are of, in the order of the form.
fn by_field<'a>(lines: &'a [Line], typed: &'a [Typed]) -> Vec<Told<'a>> {
    let mut fields: Vec<Told<'a>> = Vec::new();
    for line in lines {
        let Some(told) = typed.iter().find(|typed| typed.name == line.name) else { continue };
        match fields.last_mut() {
            Some((name, lines)) if *name == line.field => lines.push((line, told)),
            _ => fields.push((line.field, vec![(line, told)])),
        }
    }
    fields
}

/// Whether somebody else has changed one of these lines since, to something else than is wished.
fn contested(current: &Facility, lines: &[(&Line, &Typed)]) -> bool {
    lines.iter().any(|(line, typed)| {
        let now = held(current, line);
        now != typed.was && now != typed.now
    })
}

/// Whether somebody has to choose between what was typed and what somebody else has changed since.
pub fn disputed(current: &Facility, lines: &[Line], typed: &[Typed]) -> bool {
    by_field(lines, typed).iter().any(|(_, told)| contested(current, told))
}

/// The page. `waits`: some of it goes to the bureau.
pub fn check(app: &App, request: &HttpRequest, facility: &Facility, waits: bool, checked: Checked<'_>) -> HttpResponse {
    let (lang, atlas) = (Lang::of(request), app.atlas());
    let quicker = checked.theirs.is_some();
    let title = match quicker {
        false => lang.say("请核对", "Please check"),
        true => lang.say("别人刚改过，请选一下", "Somebody else was quicker: please choose"),
    };
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo;
    let status = if quicker { Code::Stale.status() } else { StatusCode::OK };
    let lines = lines::all(atlas.vocabulary());
    let of = |values: Vec<(&Line, String)>| {
        let many = values.len() > 1;
        html! { @for (at, (line, value)) in values.iter().enumerate() {
            @if at > 0 { (lang.say("；", "; ")) }
            @if many { (label(&atlas, lang, line)) " " }
            (said(&atlas, lang, line, value))
        } }
    };
    let one = |(name, told): &Told<'_>| -> Markup {
        let now = || told.iter().map(|(line, _)| (*line, held(facility, line))).collect::<Vec<_>>();
        let mine = || told.iter().map(|(line, typed)| (*line, typed.now.clone())).collect::<Vec<_>>();
        html! {
            @if quicker && contested(facility, told) {
                fieldset.field { legend { (field(lang, name)) }
                    div.tiles.pair {
                        label.tile { input type="radio" name=(format!("keep_{name}")) value="theirs"; span { (lang.say("对方的：", "Theirs: ")) (of(now())) } }
                        label.tile { input type="radio" name=(format!("keep_{name}")) value="mine" checked; span { (lang.say("我的：", "Mine: ")) (of(mine())) } }
                    } }
            } @else {
                dl.facts { @for ((line, before), (_, after)) in now().iter().zip(mine()).filter(|((_, before), (_, after))| before != after) {
                    dt { (label(&atlas, lang, line)) }
                    dd { (said(&atlas, lang, line, before)) " → " strong { (said(&atlas, lang, line, &after)) } }
                } }
            }
        }
    };
    frame.answer_private(status, html! {
        h1 { (title) }
        p.big { (words::told(&facility.name)) }
        @if quicker { p { (lang.say("您填的还在，没有丢。两边不同的，请选一个，再保存。", "Nothing you typed is lost. Choose where the two differ, then save.")) } }
        @if let Some(by) = checked.by { (by) }
        form method="post" action=(format!("/f/{}/edit", facility.id)) {
            (sealed(request))
            input type="hidden" name="version" value=(checked.version);
            input type="hidden" name="confirm" value="1";
            (hidden(checked.typed))
            @for told in &by_field(&lines, checked.typed) { (one(told)) }
            (last_days(&atlas, lang, checked.typed))
            @if let Some(odd) = checked.odd { p.notice { (odd) } }
            @if waits {
                p.notice { (lang.say("名称、位置这类内容要等民政部门审核，其他的马上生效。", "Facts such as name and place wait for the bureau; the rest stands at once.")) }
                div.field { label for="request_note" { (lang.say("说明理由（给审核的人看，可不填）", "Reason, for whoever reviews (optional)")) }
                    input id="request_note" name="request_note" type="text" value=[checked.note] autocomplete="off"; }
            }
            div.buttons {
                button type="submit" { (lang.say("确认保存", "Save")) }
                button.second type="submit" name="revise" value="1" { (lang.say("返回修改", "Change it")) }
            }
        }
        p { a href=(format!("/f/{}/edit", facility.id)) { (lang.say("不保存，返回", "Do not save; go back")) } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::sample;
    use crate::care::Place;

    #[test]
    fn only_what_somebody_else_changed_otherwise_is_contested() {
        let atlas = sample::atlas(0, 3);
        let lines = lines::all(atlas.vocabulary());
        let mut current = sample::facility(1, None);
        current.phone = Some("2".into());
        current.place = Some(Place::wgs84(118.0, 33.0));
        let typed = |name: &str, was: &str, now: &str| Typed { name: name.into(), was: was.into(), now: now.into() };
        let contested = |typed: &[Typed]| {
            let fields = by_field(&lines, typed);
            fields.iter().filter(|(_, told)| contested(&current, told)).map(|(name, _)| *name).collect::<Vec<_>>()
        };
        assert_eq!(contested(&[typed("phone", "1", "3")]), ["phone"]);
        assert_eq!(contested(&[typed("phone", "2", "3")]), Vec::<&str>::new(), "nobody else touched it");
        assert_eq!(contested(&[typed("phone", "1", "2")]), Vec::<&str>::new(), "both say the same");
        // The longitude is mine; the latitude is theirs, and came along.
        let pair = [typed("lon", "118", "119"), typed("lat", "32", "32"), typed("phone", "2", "3")];
        assert_eq!(contested(&pair), ["place"], "a place is chosen whole");
    }
}
