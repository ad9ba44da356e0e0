//! Changing a facility's facts: fill in, check, save. What is live stands at once; the rest goes to the bureau.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};
use serde_json::json;

use super::edit_check::{Checked, check, disputed};
use super::inputs::Form;
use super::interrupted::{self, sender};
use super::keeping::last_change;
use super::lines::{self, Typed, groups};
use super::reading::{Reading, Wrong};
use super::register_check::said_of;
use super::sign_in::{sealed, see, somebody};
use super::words;
use crate::care::{Deed, Facility, Status, Text, Who, fields};
use crate::http::frame::{Address, Frame};
use crate::http::named::named;
use crate::http::review::{given_away, misplaced, oddity, two_speeds};
use crate::http::who::{allow, ground};
use crate::http::{App, Lang, Parameters, Problem};
use crate::registry::RegistryError;

/// Groups that stand open; the others are folded until something in them was typed.
const OPEN: usize = 2;

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["saved", "asked"]);
    let (saved, asked) = (parameters.text("saved").is_some(), parameters.text("asked").is_some());
    parameters.finish()?;
    let who = match somebody(&app, &request, &Address::new(format!("/f/{id}/edit"))).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let lang = Lang::of(&request);
    let notice = html! {
        @if saved { div.notice role="status" { h2 { (lang.say("已保存", "Saved")) }
            @if asked { p { (lang.say("其中有的内容要等民政部门审核，结果在“我的”里看。", "Some of it waits for the bureau; the outcome will stand under “Mine”.")) } }
            p { a href=(format!("/f/{}", facility.id)) { (lang.say("看这家机构的页面", "See its page")) } } } }
    };
    Ok(page(&app, &request, &who, facility, StatusCode::OK, Sheet::of(facility.version), notice))
}

/// What was typed, the version that it goes by, and what is wrong with it.
#[derive(Clone, Copy)]
struct Sheet<'a> {
    seen: i64,
    typed: &'a [Typed],
    wrong: &'a [Wrong],
}

impl Sheet<'_> {
    /// With nothing typed.
    fn of(seen: i64) -> Sheet<'static> {
        Sheet { seen, typed: &[], wrong: &[] }
    }
}

fn page(
    app: &App,
    request: &HttpRequest,
    who: &Who,
    facility: &Facility,
    status: StatusCode,
    Sheet { seen, typed, wrong }: Sheet<'_>,
    notice: Markup,
) -> HttpResponse {
    let (lang, atlas) = (Lang::of(request), app.atlas());
    let waits = !who.may(Deed::Register, &ground(&atlas, facility));
    let title = lang.say("改资料", "Edit");
    let title = if wrong.is_empty() { title } else { lang.say("请改正", "Please correct") };
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo;
    let form = Form { atlas: &atlas, lang, facility, typed, wrong, waits };
    frame.answer_private(
        status,
        html! {
            p.crumbs { a href="/my" { (lang.say("返回", "Back")) } }
            h1 { (words::told(&facility.name)) }
            (notice)
            (form.summary())
            (pause(request, lang, facility))
            form method="post" action=(format!("/f/{}/edit", facility.id)) {
                (sealed(request))
                input type="hidden" name="version" value=(seen);
                @for (at, group) in groups(atlas.vocabulary()).iter().enumerate() {
                    @if at < OPEN { h2 { (lang.say(group.zh, group.en)) } (form.group(group)) }
                    @else { details open[form.stirred(group)] { summary { (lang.say(group.zh, group.en)) } (form.group(group)) } }
                }
                button.full type="submit" { (lang.say("下一步：核对", "Next: check")) }
            }
        },
    )
}

/// A temporary closure, and its end, by a button of its own.
fn pause(request: &HttpRequest, lang: Lang, facility: &Facility) -> Markup {
    let next = match facility.status {
        status if status.serving() => Some(("suspended", lang.say("临时停业", "Close for now"))),
        Status::Suspended => Some(("operating", lang.say("恢复营业", "Open again"))),
        _ => None,
    };
    html! {
        p { (lang.say("状态：", "Status: ")) strong { (words::status(lang, facility.status)) } }
        @if let Some((status, said)) = next {
            form method="post" action=(format!("/f/{}/edit", facility.id)) {
                (sealed(request))
                input type="hidden" name="version" value=(facility.version);
                input type="hidden" name="status" value=(status);
                input type="hidden" name="was_status" value=(facility.status.code());
                input type="hidden" name="confirm" value="1";
                button.second type="submit" { (said) }
            }
        }
    }
}

/// Takes the form: first to be checked, then (`confirm`) to be saved; or (`revise`) to be filled in again.
pub async fn take(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let lines = lines::all(app.atlas().vocabulary());
    let keeps: Vec<String> = lines.iter().map(|line| format!("keep_{}", line.field)).collect();
    let own = ["version", "confirm", "revise", "request_note"];
    let of_lines = lines::parameters(&lines);
    let known: Vec<&str> = of_lines.iter().chain(&keeps).map(String::as_str).chain(own).collect();
    let mut parameters = Parameters::of_body(&body, &known);
    let version = parameters.number("version", 1..=i64::MAX, "version").unwrap_or_default();
    let confirmed = parameters.text("confirm").is_some();
    let (revise, note) = (parameters.text("revise").is_some(), parameters.text("request_note"));
    let mut typed = lines::read(&mut parameters, &lines, confirmed);
    // Where somebody else was quicker, and theirs is to stay.
    for line in &lines {
        if parameters.all(&format!("keep_{}", line.field)).iter().any(|kept| kept == "theirs") {
            typed.retain(|typed| typed.name != line.name);
        }
    }
    parameters.finish()?;
    let (who, again) = match sender(&app, &request, &body).await? {
        Ok(sender) => sender,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let lang = Lang::of(&request);
    let sheet = Sheet { seen: version, typed: &typed, wrong: &[] };
    if again {
        return Ok(page(&app, &request, &who, facility, StatusCode::FORBIDDEN, sheet, interrupted::again(lang)));
    }
    if revise {
        return Ok(page(&app, &request, &who, facility, StatusCode::OK, sheet, html! {}));
    }
    let refused = |wrong: &[Wrong], said: Option<&str>| {
        let notice = html! { @if let Some(said) = said { div.notice role="alert" { h2 { (lang.say("没有保存", "Not saved")) } p { (said) } } } };
        page(&app, &request, &who, facility, StatusCode::UNPROCESSABLE_ENTITY, Sheet { wrong, ..sheet }, notice)
    };
    if typed.is_empty() {
        return Ok(refused(&[], Some(lang.say("什么也没有改。", "Nothing was changed."))));
    }
    let reading = Reading { atlas: &atlas, lang, top: who.region.as_deref() };
    let (mut held, mut expected) = ((**facility).clone(), version);
    loop {
        let (wishes, wrong) = reading.wishes(&typed, &held);
        if !wrong.is_empty() {
            return Ok(refused(&wrong, None));
        }
        // Whatever the record holds must stay in the reach of whoever keeps it.
        if let Some(region) = wishes.get("region").filter(|_| who.may(Deed::Register, &ground(&atlas, &held)))
            && given_away(&who, &atlas, region).is_err()
        {
            let said = lang.say("请填本部门范围内的区域。", "Name a region that your account reaches over.").to_owned();
            return Ok(refused(&[Wrong { line: "region".to_owned(), said }], None));
        }
        let placed = wishes.contains_key("place") || wishes.contains_key("region");
        let wished = placed.then(|| fields::with(&held, &wishes, atlas.vocabulary()).ok()).flatten();
        if let Some(wrong) = wished.as_ref().and_then(|wished| misplaced(&atlas, wished)) {
            return Ok(refused(&[Wrong { line: "lon".to_owned(), said: said_of(&wrong, lang) }], None));
        }
        let odd = wished.and_then(|wished| oddity(&atlas, &wished, lang));
        let odd = odd.as_deref();
        let checked = Checked { version, typed: &typed, note: note.as_deref(), odd, theirs: None, by: None };
        let (live, asked) = two_speeds(&app, &who, &held, wishes.clone()).await?;
        let waits = !asked.is_empty();
        if !confirmed {
            return Ok(check(&app, &request, facility, waits, checked));
        }
        let vocabulary = atlas.vocabulary().clone();
        let reason = note.as_deref().map(Text::from);
        match app.registry.amend(held.id, expected, &who, live, asked, reason, vocabulary).await {
            Ok(amended) => {
                app.show_write(amended.written.seq).await;
                let done = Address::new(format!("/f/{}/edit", held.id)).with("saved", 1);
                return Ok(see(&if waits { done.with("asked", 1) } else { done }));
            }
            // What changed meanwhile may be something else altogether: then nobody has to choose.
            Err(RegistryError::Stale(current)) if current.version <= expected || disputed(&current, &lines, &typed) => {
                let by = last_change(&app, lang, current.id).await?;
                let theirs = Checked { version: current.version, theirs: Some(&current), by: Some(&by), ..checked };
                return Ok(check(&app, &request, &current, waits, theirs));
            }
            Err(RegistryError::Stale(current)) => (expected, held) = (current.version, *current),
            Err(RegistryError::Rule { pointer, detail }) => {
                let field = json!(pointer.split('/').nth(1).unwrap_or_default());
                let line = lines.iter().find(|line| json!(line.field) == field).map_or("", |line| &line.name);
                return Ok(refused(&[Wrong { line: line.to_owned(), said: detail }], None));
            }
            Err(error) => return Err(error.into()),
        }
    }
}
