//! Registering a facility: its kind, its facts, a last look with what may be the same place, and then once and no more.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use maud::{Markup, html};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::alike::{listed, sought};
use super::figures::{self, Figures};
use super::inputs::{Form, hidden, label, last_days, said};
use super::interrupted::{self, sender};
use super::lines::{self, Line, Typed, groups};
use super::reading::{Reading, Wrong};
use super::register_check::{belongs, removed_before};
use super::sign_in::{sealed, see, somebody};
use super::words;
use crate::atlas::{Atlas, Entry};
use crate::care::change::role_of;
use crate::care::draft::FacilityDraft;
use crate::care::fields::{self, Wishes};
use crate::care::kind::CATEGORIES;
use crate::care::{Deed, Facility, Text, Who};
use crate::http::frame::{Address, Frame};
use crate::http::review::{located_in, oddity};
use crate::http::who::{allow, own_ground};
use crate::http::{App, Lang, Parameters, Problem};
use crate::registry::{Registered, RegistryError};

/// Lines of the facts that are asked for first; the others of their group are folded.
const FIRST: [&str; 4] = ["name", "status", "region", "address"];

/// An empty facility of a kind, to be filled in.
fn empty(kind: &str) -> Facility {
    FacilityDraft { kind: kind.into(), ..FacilityDraft::default() }.create(Utc::now())
}

pub async fn form(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let mut parameters = Parameters::of_form(&request, &["kind", "done"]);
    let kind = atlas.vocabulary().kind(&parameters.text("kind").unwrap_or_default()).map(|kind| kind.code.clone());
    let told = Figures::read(&mut parameters, &atlas, kind.as_deref().unwrap_or_default());
    let done = parameters.text("done").and_then(|id| atlas.facility(id.parse().ok()?).cloned());
    parameters.finish()?;
    let back = kind.iter().fold(Address::new("/desk/register"), |back, kind| back.with("kind", kind));
    let who = match somebody(&app, &request, &back).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    allow(&who, Deed::Register, &own_ground(&atlas, &who))?;
    let Some(kind) = kind else { return choose(&app, &request, &atlas, &who, done.as_deref()).await };
    let sheet = Sheet { app: &app, request: &request, atlas: &atlas, key: Uuid::now_v7().to_string() };
    Ok(sheet.fill_in(&empty(&kind), StatusCode::OK, &[], &told, &[], None))
}

/// First the kind: what else is asked follows from it.
async fn choose(
    app: &App,
    request: &HttpRequest,
    atlas: &Arc<Atlas>,
    who: &Who,
    done: Option<&Entry>,
) -> Result<HttpResponse, Problem> {
    let twins = match done {
        Some(done) => sought(app, atlas, &done.facility).await?,
        None => Vec::new(),
    };
    let lang = Lang::of(request);
    let title = lang.say("登记新机构", "Register a facility");
    let frame = Frame::new(app, request, title);
    Ok(frame.answer_private(StatusCode::OK, html! {
        p.crumbs { a href="/desk" { (lang.say("工作台", "The desk")) } }
        h1 { (title) }
        @if let Some(done) = done { div.notice role="status" {
            h2 { (lang.say("已登记", "Registered")) }
            p.big { (words::told(&done.facility.name)) }
            ul.links {
                li { a href=(format!("/f/{}", done.facility.id)) { (lang.say("看它的页面", "See its page")) } }
                li { a href=(format!("/f/{}/edit", done.facility.id)) { (lang.say("改资料", "Edit")) } }
                li { a href="/desk" { (lang.say("回工作台", "Back to the desk")) } }
            }
            @if !twins.is_empty() { details { summary { (lang.say("可能是同一处的", "Possibly the same place")) } (listed(atlas, lang, &twins, Some((done.facility.id, who)))) } }
        } }
        form action="/desk/register" {
            div.field { label for="kind" { (lang.say("是哪一类机构？", "What kind is it?")) }
                select id="kind" name="kind" { @for (code, zh, en, _) in CATEGORIES {
                    optgroup label=(lang.say(zh, en)) { @for kind in atlas.vocabulary().kinds.iter().filter(|kind| *kind.category == *code) {
                        option value=(kind.code) { (lang.say(&kind.name_zh, &kind.name_en)) } } } } } }
            button.full type="submit" { (lang.say("下一步：填资料", "Next: its facts")) }
        }
    }))
}

/// The sheet being filled in. Its key lets it register one facility, however often it is sent.
struct Sheet<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    atlas: &'a Arc<Atlas>,
    key: String,
}

impl Sheet<'_> {
    fn fill_in(
        &self,
        facility: &Facility,
        status: StatusCode,
        typed: &[Typed],
        told: &Figures,
        wrong: &[Wrong],
        error: Option<&str>,
    ) -> HttpResponse {
        let (lang, atlas) = (Lang::of(self.request), self.atlas);
        let kind = words::kind_name(atlas, lang, &facility.kind);
        let title = lang.say("登记新机构", "Register a facility");
        let frame = Frame::new(
            self.app,
            self.request,
            if wrong.is_empty() { title } else { lang.say("请改正", "Please correct") },
        );
        let form = Form { atlas, lang, facility, typed, wrong, waits: false };
        let [contact, prices, facts, place, ratings] = groups(atlas.vocabulary());
        let (first, more): (Vec<Line>, Vec<Line>) = facts
            .lines
            .iter()
            .filter(|line| line.name != "kind")
            .cloned()
            .partition(|line| FIRST.contains(&line.name.as_str()));
        let more = lines::Group { zh: "更多登记内容", en: "More facts", lines: more };
        frame.answer_private(status, html! {
            p.crumbs { a href="/desk" { (lang.say("工作台", "The desk")) } }
            h1 { (title) }
            p { (lang.say("类型：", "Kind: ")) strong { (kind) } " " a href="/desk/register" { (lang.say("换一类", "Another kind")) } }
            @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有登记", "Not registered")) } p { (error) } } }
            (form.summary())
            form method="post" action="/desk/register" {
                (sealed(self.request))
                input type="hidden" name="form_key" value=(self.key);
                input type="hidden" name="kind" value=(facility.kind);
                @for line in &first { (form.input(line)) }
                h2 { (lang.say(place.zh, place.en)) } (form.group(&place))
                h2 { (lang.say(contact.zh, contact.en)) } (form.group(&contact))
                (told.inputs(atlas, lang, wrong))
                @for group in [&more, &prices, &ratings] {
                    details open[form.stirred(group)] { summary { (lang.say(group.zh, group.en)) } (form.group(group)) } }
                button.full type="submit" { (lang.say("下一步：核对", "Next: check")) }
            }
        })
    }

    /// All that was told, and what may be the same place; `insisted`: that was seen already.
    async fn look_again(
        &self,
        facility: &Facility,
        typed: &[Typed],
        told: &Figures,
        error: Option<&str>,
    ) -> Result<HttpResponse, Problem> {
        let (lang, atlas) = (Lang::of(self.request), self.atlas);
        let twins = sought(self.app, atlas, facility).await?;
        let title = lang.say("请核对", "Please check");
        let mut frame = Frame::new(self.app, self.request, title);
        frame.demo = twins.iter().any(|entry| entry.facility.demo);
        let status = if error.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
        let row = |line: &Line, typed: &Typed| html! { dt { (label(atlas, lang, line)) } dd { (said(atlas, lang, line, &typed.now)) } };
        Ok(frame.answer_private(status, html! {
            h1 { (title) }
            @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有登记", "Not registered")) } p { (error) } } }
            form method="post" action="/desk/register" {
                (sealed(self.request))
                input type="hidden" name="form_key" value=(self.key);
                input type="hidden" name="kind" value=(facility.kind);
                input type="hidden" name="confirm" value="1";
                (hidden(typed))
                (told.hidden())
                dl.facts {
                    dt { (lang.say("类型", "Kind")) } dd { (words::kind_name(atlas, lang, &facility.kind)) }
                    @for line in lines::all(atlas.vocabulary()) { @if let Some(typed) = typed.iter().find(|typed| typed.name == line.name) { (row(&line, typed)) } }
                    (told.rows(atlas, lang))
                }
                (last_days(atlas, lang, typed))
                @if let Some(odd) = oddity(atlas, facility, lang) { p.notice { (odd) } }
                @if facility.located().is_none() { p.notice { (lang.say("没有填位置：这家机构会列出来，但不在地图上，也不算覆盖。", "Without a point it is listed, but not mapped and not counted as coverage.")) } }
                @if !twins.is_empty() { section.notice {
                    h2 { (lang.say("可能已经登记过了", "It may be registered already")) }
                    p { (lang.say("下面这些名称相同，或者类型相同、相距不到 100 米。请先看一看。", "These have the same name, or are of the same kind less than 100 m away. Please look first.")) }
                    (listed(atlas, lang, &twins, None))
                } }
                @if !twins.is_empty() || error.is_some() {
                    label.check { input type="checkbox" name="another" value="1"; span { (lang.say("都不是同一家，照样登记", "It is none of these; register all the same")) } } }
                div.buttons {
                    button type="submit" { (lang.say("确认登记", "Register")) }
                    button.second type="submit" name="revise" value="1" { (lang.say("返回修改", "Change it")) }
                }
            }
        }))
    }
}

/// The facility that the lines and figures make, or all that is wrong with them.
fn drawn_up(
    reading: &Reading<'_>,
    who: &Who,
    kind: &str,
    typed: &[Typed],
    told: &Figures,
) -> Result<(Facility, Wishes), Vec<Wrong>> {
    let (wishes, mut wrong) = reading.wishes(typed, &empty(kind));
    if !typed.iter().any(|typed| typed.name == "name" && !typed.now.trim().is_empty()) {
        let said = reading.lang.say("请填名称。", "A name is needed.").to_owned();
        wrong.insert(0, Wrong { line: "name".to_owned(), said });
    }
    let drafts = told.drafts(reading.lang, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut facility = fields::with(&empty(kind), &wishes, reading.atlas.vocabulary()).map_err(|faults| {
        faults.into_iter().map(|fault| Wrong { line: fault.field, said: fault.detail }).collect::<Vec<_>>()
    })?;
    let now = facility.updated_at;
    // Everybody sees the source of a figure: the role, and not the name.
    let source = Some(Text::from(role_of(&who.actor())));
    drafts.into_iter().for_each(|draft| facility.take_capacity(draft, source.clone(), now));
    Ok((facility, wishes))
}

/// Takes the sheet: first to be checked, then (`confirm`) to be registered; or (`revise`) to be filled in again.
pub async fn take(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let lines: Vec<Line> = lines::all(atlas.vocabulary()).into_iter().filter(|line| line.name != "kind").collect();
    let (of_lines, of_figures) = (lines::parameters(&lines), figures::names(atlas.vocabulary()));
    let own = ["form_key", "kind", "confirm", "revise", "another"];
    let known: Vec<&str> = of_lines.iter().chain(&of_figures).map(String::as_str).chain(own).collect();
    let mut parameters = Parameters::of_body(&body, &known);
    let key = parameters.text("form_key").unwrap_or_default();
    let (confirmed, revise) = (parameters.text("confirm").is_some(), parameters.text("revise").is_some());
    let another = parameters.text("another").is_some();
    let kind = parameters.text("kind").unwrap_or_default();
    let typed: Vec<Typed> =
        lines::read(&mut parameters, &lines, confirmed).into_iter().filter(|typed| !typed.now.is_empty()).collect();
    let figures = Figures::read(&mut parameters, &atlas, &kind);
    parameters.finish()?;
    let (who, resumed) = match sender(&app, &request, &body).await? {
        Ok(sender) => sender,
        Err(sign_in) => return Ok(sign_in),
    };
    allow(&who, Deed::Register, &own_ground(&atlas, &who))?;
    if atlas.vocabulary().kind(&kind).is_none() {
        return choose(&app, &request, &atlas, &who, None).await;
    }
    let lang = Lang::of(&request);
    let sheet = Sheet { app: &app, request: &request, atlas: &atlas, key };
    let again = |status, wrong: &[Wrong]| sheet.fill_in(&empty(&kind), status, &typed, &figures, wrong, None);
    if resumed {
        let (status, said) = (StatusCode::FORBIDDEN, interrupted::sentence(lang));
        return Ok(sheet.fill_in(&empty(&kind), status, &typed, &figures, &[], Some(said)));
    }
    if revise {
        return Ok(again(StatusCode::OK, &[]));
    }
    let reading = Reading { atlas: &atlas, lang, top: who.region.as_deref() };
    let (facility, wishes) = match drawn_up(&reading, &who, &kind, &typed, &figures) {
        Ok(drawn_up) => drawn_up,
        Err(wrong) => return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, &wrong)),
    };
    let facility = Facility { region: facility.region.clone().or_else(|| located_in(&atlas, &facility)), ..facility };
    if let Err((status, wrong)) = belongs(&atlas, lang, &who, &facility) {
        return Ok(again(status, &[wrong]));
    }
    let content = json!({"fields": Value::Object(wishes), "figures": figures.told()}).to_string();
    let (key, print) = (format!("form {}", sheet.key), Sha256::digest(content.as_bytes()).to_vec());
    let (used, done) = match app.registry.registered_under(&who.actor(), &key).await?.filter(|_| confirmed) {
        Some((id, held)) if held == print => (false, Some(id)),
        held => (held.is_some(), None),
    };
    if let Some(id) = done {
        app.show_write(app.registry.revision().await?).await;
        return Ok(see(&Address::new("/desk/register").with("done", id)));
    }
    if used {
        let said = lang.say(
            "这张表已经登记过一家机构了。要再登记一家，请从“登记新机构”重新开始。",
            "This sheet has registered a facility already. To register another, begin anew.",
        );
        return sheet.look_again(&facility, &typed, &figures, Some(said)).await;
    }
    let twins = sought(&app, &atlas, &facility).await?;
    if !confirmed || !twins.is_empty() && !another {
        let unseen = lang.say(
            "请先看看下面几家；都不是的话，勾上“照样登记”。",
            "Look at those below first; tick the box if it is none of them.",
        );
        return sheet.look_again(&facility, &typed, &figures, confirmed.then_some(unseen)).await;
    }
    match app.registry.register(facility.clone(), &who.actor(), Some((key, print)), another).await {
        Ok(Registered::New(written)) => {
            app.show_write(written.seq).await;
            Ok(see(&Address::new("/desk/register").with("done", written.facility.id)))
        }
        Ok(Registered::Again(id)) => {
            app.show_write(app.registry.revision().await?).await;
            Ok(see(&Address::new("/desk/register").with("done", id)))
        }
        Err(RegistryError::Removed(removed)) => {
            let said = removed_before(lang, &removed);
            sheet.look_again(&facility, &typed, &figures, Some(&said)).await
        }
        Err(RegistryError::Conflict(_)) => {
            app.show_write(app.registry.revision().await?).await;
            let said = lang.say(
                "刚刚有人登记了同名的一家，请看下面。",
                "Somebody has just registered one of this name; look below.",
            );
            let now = app.atlas();
            let sheet = Sheet { atlas: &now, key: sheet.key.clone(), ..sheet };
            sheet.look_again(&facility, &typed, &figures, Some(said)).await
        }
        Err(RegistryError::Rule { pointer, detail }) => {
            let line = pointer.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
            Ok(again(StatusCode::UNPROCESSABLE_ENTITY, &[Wrong { line, said: detail }]))
        }
        Err(error) => Err(error.into()),
    }
}

/// What a visitor of the desk is offered.
pub fn link(lang: Lang) -> Markup {
    html! { a.button href="/desk/register" { (lang.say("登记新机构", "Register a facility")) } }
}
