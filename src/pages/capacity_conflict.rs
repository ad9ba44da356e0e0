//! Figures that somebody else told a moment before: theirs and mine, who and when, and a choice.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::html;

use super::capacity::Typed;
use super::keeping::last_change;
use super::sign_in::sealed;
use super::words;
use crate::care::Facility;
use crate::http::frame::Frame;
use crate::http::{App, Code, Lang, Problem};

/// Somebody else was quicker: theirs and yours, who and when, and a choice for each figure.
pub async fn quicker(
    app: &App,
    request: &HttpRequest,
    current: &Facility,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let lang = Lang::of(request);
    let theirs = current.capacity_of(&typed.measure);
    let Ok(mine) = typed.draft(lang, theirs) else {
        return Err(Problem::new(Code::Stale, "The record has moved on, and what was typed no longer fits it."));
    };
    let by = last_change(app, lang, current.id).await?;
    // Whoever told how many are free is asked about that, and not about how many are taken.
    let free = |taken: u32| {
        mine.total
            .told()
            .or(theirs.and_then(|held| held.total))
            .filter(|_| typed.free.is_some())
            .map_or(taken, |total| total.saturating_sub(taken))
    };
    let taken = if typed.free.is_some() { lang.say("空余", "Free") } else { lang.say("已占用", "Taken") };
    let figures = [
        ("total", lang.say("总数", "Total"), theirs.and_then(|held| held.total), mine.total.told()),
        ("nursing", lang.say("护理型", "For nursing"), theirs.and_then(|held| held.nursing), mine.nursing.told()),
        ("occupied", taken, theirs.and_then(|held| held.occupied), mine.occupied.told()),
    ];
    let of = |name: &str, figure: u32| if name == "occupied" { free(figure) } else { figure };
    let mut frame = Frame::new(app, request, lang.say("别人刚改过", "Somebody else was quicker"));
    frame.demo = current.demo;
    let said = |figure: Option<u32>| {
        figure.map_or_else(|| lang.say("未登记", "not registered").to_owned(), |figure| figure.to_string())
    };
    Ok(frame.answer_private(StatusCode::PRECONDITION_FAILED, html! {
        h1 { (lang.say("别人刚改过，请选一下", "Somebody else was quicker: please choose")) }
        p.big { (words::told(&current.name)) }
        (by)
        form method="post" action=(format!("/f/{}/capacity", current.id)) {
            (sealed(request))
            input type="hidden" name="version" value=(current.version);
            input type="hidden" name="measure" value=(typed.measure);
            @for (name, label, theirs, mine) in figures {
                @if let Some(mine) = mine {
                    @if theirs == Some(mine) { input type="hidden" name=(name) value=(mine); }
                    @else { fieldset.field {
                        legend { (label) }
                        div.tiles {
                            @if let Some(theirs) = theirs { label.tile { input type="radio" name=(name) value=(theirs); span { (lang.say("对方的：", "Theirs: ")) (of(name, theirs)) } } }
                            @else { p { (lang.say("对方的：", "Theirs: ")) (said(theirs)) } }
                            label.tile { input type="radio" name=(name) value=(mine) checked; span { (lang.say("我的：", "Mine: ")) (of(name, mine)) } }
                        }
                    } }
                }
            }
            button.full type="submit" { (lang.say("保存我选的", "Save what I chose")) }
        }
        p { a href=(format!("/f/{}/capacity", current.id)) { (lang.say("不保存，看现在的", "Do not save; show what stands")) } }
    }))
}
