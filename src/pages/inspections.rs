//! The inspections of one facility: what was found, what is open; a form for a new one, and one that ticks a finding off.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use maud::{Markup, html};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::interrupted::{self, sender};
use super::keeping::{Typed, field, refused, saved};
use super::sign_in::{sealed, see, somebody};
use super::{objections, words};
use crate::atlas::Atlas;
use crate::care::fields::{FieldFault, Wishes};
use crate::care::inspection::Finding;
use crate::care::{Deed, Facility, Inspection, Outcome, Severity, Who};
use crate::http::frame::{Address, Frame};
use crate::http::named::named;
use crate::http::who::{allow, door, ground};
use crate::http::{App, Lang, Parameters, Problem};
use crate::registry::{Inspections, RegistryError};

/// Rows for findings in the form of a new inspection.
pub const ROWS: usize = 5;

/// The fields of the form of a new inspection, but for those of its findings.
const OWN: [&str; 5] = ["type", "inspected_on", "agencies", "result", "note"];
/// The fields of a finding, as they are named before its number.
const PARTS: [&str; 4] = ["category", "severity", "detail", "due_on"];
/// The fields of the form that ticks a finding off.
const TICK: [&str; 5] = ["inspection", "version", "finding", "rectified_on", "rectification"];

fn names() -> Vec<String> {
    let rows = (0..ROWS).flat_map(|at| PARTS.map(|part| format!("{part}_{at}")));
    OWN.into_iter().chain(TICK).map(str::to_owned).chain(rows).collect()
}

pub fn outcome(lang: Lang, outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => lang.say("合格", "passed"),
        Outcome::PassedWithFindings => lang.say("基本合格，有问题", "passed with findings"),
        Outcome::Failed => lang.say("不合格", "failed"),
    }
}

fn severity(lang: Lang, severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => lang.say("一般", "minor"),
        Severity::Major => lang.say("重大", "major"),
    }
}

pub fn inspection_type<'a>(atlas: &'a Atlas, lang: Lang, code: &'a str) -> &'a str {
    atlas.vocabulary().inspection_type(code).map_or(code, |term| lang.say(&term.name_zh, &term.name_en))
}

pub async fn list(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["saved"]);
    let done = parameters.text("saved").is_some();
    parameters.finish()?;
    let who = match somebody(&app, &request, &Address::new(format!("/f/{id}/inspections"))).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let notice = if done {
        saved(Lang::of(&request), false)
    } else {
        html! {}
    };
    page(&app, &request, &who, &id, StatusCode::OK, &Typed::default(), &notice).await
}

async fn page(
    app: &App,
    request: &HttpRequest,
    who: &Who,
    id: &str,
    status: StatusCode,
    typed: &Typed,
    notice: &Markup,
) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let facility = &named(&atlas, id)?.facility;
    let ground = ground(&atlas, facility);
    allow(who, Deed::Look, &ground)?;
    let inspections = app.registry.inspections(Inspections::Of(vec![facility.id])).await?;
    let writes = who.may(Deed::Register, &ground);
    let lang = Lang::of(request);
    let title = lang.say("检查记录", "Inspections");
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo;
    frame.json = Some(Address::new(format!("/api/v1/facilities/{}/inspections", facility.id)));
    let today = atlas.today();
    let open: usize = inspections.iter().map(|one| one.open_and_overdue(today).0).sum();
    let overdue: usize = inspections.iter().map(|one| one.open_and_overdue(today).1).sum();
    Ok(frame.answer_private(status, html! {
        p.crumbs { a href=(format!("/f/{}", facility.id)) lang="zh-CN" { (facility.name) } }
        h1 { (title) }
        (notice)
        p.status { (match lang {
            Lang::Zh => format!("共 {} 次检查，{open} 个问题没有整改，其中 {overdue} 个逾期。", inspections.len()),
            Lang::En => format!("{} inspections, {open} findings open, {overdue} of them overdue.", inspections.len()),
        }) }
        @if writes { (new_form(&atlas, request, lang, facility, typed)) }
        ol.list { @for inspection in &inspections { li.item {
            h2 { (inspection_type(&atlas, lang, &inspection.r#type)) (lang.say("，", ", ")) (words::day(lang, inspection.inspected_on)) }
            p { strong { (outcome(lang, inspection.result)) }
                @if !inspection.agencies.is_empty() { " " span lang="zh-CN" { (inspection.agencies.join("、")) } } }
            @if let Some(note) = &inspection.note { p { (words::told(note)) } }
            @for (at, finding) in inspection.findings.iter().enumerate() {
                (shown(lang, finding, today))
                @if writes && finding.open() { (tick(request, lang, inspection, at, typed, today)) }
            }
        } } }
    }))
}

/// One finding: what, how grave, until when, and whether it was put right.
fn shown(lang: Lang, finding: &Finding, today: NaiveDate) -> Markup {
    html! {
        section.panel {
            h3 { span lang="zh-CN" { (finding.category) } " " span.tag { (severity(lang, finding.severity)) } }
            p { (words::told(&finding.detail)) }
            dl.facts {
                dt { (lang.say("整改期限", "Due")) }
                dd { @match finding.due_on { Some(day) => (words::day(lang, day)), None => (lang.say("没有定", "none set")) }
                     @if finding.overdue(today) { " " strong { (lang.say("已逾期", "overdue")) } } }
                dt { (lang.say("整改", "Rectified")) }
                dd { @match finding.rectified_on {
                    Some(day) => { (words::day(lang, day)) @if let Some(what) = &finding.rectification { (lang.say("，", ", ")) (words::told(what)) } },
                    None => strong { (lang.say("还没有整改", "open")) },
                } }
            }
        }
    }
}

/// Ticks one finding off.
fn tick(
    request: &HttpRequest,
    lang: Lang,
    inspection: &Inspection,
    at: usize,
    typed: &Typed,
    today: NaiveDate,
) -> Markup {
    let mine = typed.get("inspection").is_some_and(|id| *id == inspection.id.to_string())
        && typed.get("finding").is_some_and(|number| *number == at.to_string());
    let get = |name: &str| typed.get(name).filter(|_| mine).map(str::to_owned);
    let (day_id, what_id) =
        (format!("rectified_on-{}-{at}", inspection.id), format!("rectification-{}-{at}", inspection.id));
    html! {
        details open[mine] {
            summary { (lang.say("确认已整改", "Confirm that it was put right")) }
            form method="post" action=(format!("/f/{}/inspections", inspection.facility)) {
                (sealed(request))
                input type="hidden" name="inspection" value=(inspection.id);
                input type="hidden" name="version" value=(inspection.version);
                input type="hidden" name="finding" value=(at);
                div.field { label for=(day_id) { (lang.say("哪天看到的？", "Seen on which day?")) }
                    input id=(day_id) name="rectified_on" type="date" value=(get("rectified_on").unwrap_or_else(|| today.to_string())); }
                div.field { label for=(what_id) { (lang.say("怎么整改的？（可不填）", "What was done? (optional)")) }
                    input id=(what_id) name="rectification" type="text" value=[get("rectification")]; }
                button.full.second type="submit" { (lang.say("确认已整改", "Confirm")) }
            }
        }
    }
}

fn new_form(atlas: &Atlas, request: &HttpRequest, lang: Lang, facility: &Facility, typed: &Typed) -> Markup {
    let radio = |name: &str, value: &str, label: &str, chosen: bool| html! { label.tile { input type="radio" name=(name) value=(value) checked[chosen]; (label) } };
    let day = typed.get("inspected_on").map_or_else(|| atlas.today().to_string(), str::to_owned);
    let row = |at: usize| {
        let of = |part: &str| format!("{part}_{at}");
        let value = |part: &str| typed.get(&of(part));
        let grave = value("severity").unwrap_or("minor");
        html! {
            fieldset.panel {
                legend { (lang.say("问题 ", "Finding ")) (at + 1) }
                (field(&of("category"), lang.say("哪方面（如 消防通道、用电、燃气）", "About what (fire exits, wiring, gas)"), "text", value("category")))
                (field(&of("detail"), lang.say("发现了什么？", "What was found?"), "text", value("detail")))
                fieldset.field { legend { (lang.say("有多严重？", "How grave?")) }
                    div.tiles { @for one in Severity::ALL { (radio(&of("severity"), one.code(), severity(lang, one), one.code() == grave)) } } }
                (field(&of("due_on"), lang.say("整改期限", "To be put right by"), "date", value("due_on")))
            }
        }
    };
    html! {
        details open[!typed.is_empty() && typed.get("inspection").is_none()] {
            summary { (lang.say("登记一次检查", "Tell of an inspection")) }
            form method="post" action=(format!("/f/{}/inspections", facility.id)) {
                (sealed(request))
                input type="hidden" name="key" value=(door());
                div.field { label for="type" { (lang.say("哪一种检查？", "Which inspection?")) }
                    select id="type" name="type" { @for term in &atlas.vocabulary().inspection_types {
                        option value=(term.code) selected[typed.get("type") == Some(&*term.code)] { (lang.say(&term.name_zh, &term.name_en)) }
                    } } }
                (field("inspected_on", lang.say("哪天检查的？", "On which day?"), "date", Some(&day)))
                (field("agencies", lang.say("哪些单位（用“、”隔开）", "Which agencies (、 or ; between)"), "text", typed.get("agencies")))
                fieldset.field { legend { (lang.say("结果", "Result")) }
                    div.tiles { @for one in Outcome::ALL { (radio("result", one.code(), outcome(lang, one), typed.get("result") == Some(one.code()))) } } }
                (field("note", lang.say("说明（可不填）", "Note (optional)"), "text", typed.get("note")))
                @for at in 0..ROWS {
                    @if at == 0 { (row(at)) }
                    @else { details open[typed.get(&format!("category_{at}")).is_some()] { summary { (lang.say("再加一个问题（第 ", "One more finding (")) (at + 1) (lang.say(" 个）", ")")) } (row(at)) } }
                }
                button.full type="submit" { (lang.say("保存", "Save")) }
            }
        }
    }
}

/// The inspection as it was typed. A row without category and detail is no finding.
pub fn told(typed: &Typed) -> Wishes {
    let mut told: Wishes = OWN.into_iter().map(|name| (name.to_owned(), typed.json(name))).collect();
    let agencies = typed.get("agencies").unwrap_or_default().split(['、', '；', ';', '，', ',']);
    told.insert("agencies".to_owned(), agencies.map(str::trim).filter(|one| !one.is_empty()).collect());
    let rows = (0..ROWS).map(|at| PARTS.map(|part| typed.json(&format!("{part}_{at}"))));
    let filled = rows.filter(|[category, _, detail, _]| !category.is_null() || !detail.is_null());
    let findings = filled.map(|[category, severity, detail, due_on]| {
        json!({"category": category, "severity": severity, "detail": detail, "due_on": due_on})
    });
    told.insert("findings".to_owned(), findings.collect());
    told
}

fn in_words(faults: Vec<FieldFault>) -> String {
    faults.iter().map(|fault| format!("{}: {}", fault.field, fault.detail)).collect::<Vec<_>>().join("; ")
}

/// Takes a new inspection, or (`inspection`) the word that one of its findings was put right.
pub async fn take(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let known: Vec<String> = names().into_iter().chain(["key".to_owned()]).collect();
    let mut parameters = Parameters::of_body(&body, &known.iter().map(String::as_str).collect::<Vec<_>>());
    let typed = Typed::read(&mut parameters, &names());
    let key = parameters.text("key");
    parameters.finish()?;
    let back = Address::new(format!("/f/{id}/inspections"));
    let (who, again) = match sender(&app, &request, &body).await? {
        Ok(sender) => sender,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Register, &ground(&atlas, facility))?;
    let lang = Lang::of(&request);
    match typed.get("inspection") {
        None if again => {
            let notice = interrupted::again(lang);
            return page(&app, &request, &who, &id, StatusCode::FORBIDDEN, &typed, &notice).await;
        }
        Some(_) if again => return Ok(interrupted::confirm(&app, &request, &body)),
        _ => {}
    }
    let objection = objections::of_inspection(lang, &typed, atlas.today());
    let (status, notice) = match (typed.get("inspection"), objection) {
        (Some(about), _) => match rectify((&app, &request), &who, &atlas, facility, about, &typed).await? {
            Ok(()) => return Ok(see(&back.with("saved", 1))),
            Err(RegistryError::StaleInspection(_)) => {
                let said = lang.say(
                    "这次检查刚被别人改过，请看过新的内容再确认。",
                    "Somebody changed this inspection just now; look at it and confirm again.",
                );
                (StatusCode::PRECONDITION_FAILED, refused(lang, said))
            }
            Err(RegistryError::Rule { detail, .. }) => (StatusCode::UNPROCESSABLE_ENTITY, refused(lang, &detail)),
            Err(error) => return Err(error.into()),
        },
        (None, Some(said)) => (StatusCode::UNPROCESSABLE_ENTITY, refused(lang, &said)),
        (None, None) => match Inspection::of(facility.id, &told(&typed), atlas.vocabulary(), atlas.today()) {
            Ok(inspection) => {
                let key = key.map(|key| (key, Sha256::digest(&body).to_vec()));
                if let crate::registry::Told::New(written) =
                    app.registry.add_inspection(inspection, &who.actor(), key).await?
                {
                    app.show_write(written.seq).await;
                }
                return Ok(see(&back.with("saved", 1)));
            }
            Err(faults) => (StatusCode::UNPROCESSABLE_ENTITY, refused(lang, &in_words(faults))),
        },
    };
    page(&app, &request, &who, &id, status, &typed, &notice).await
}

/// Ticks a finding off, on the version of its inspection that was seen.
async fn rectify(
    (app, request): (&App, &HttpRequest),
    who: &Who,
    atlas: &Atlas,
    facility: &Facility,
    about: &str,
    tick: &Typed,
) -> Result<Result<(), RegistryError>, Problem> {
    let held = match about.parse() {
        Ok(number) => app.registry.inspections(Inspections::One(number)).await?.pop(),
        Err(_) => None,
    };
    // One of another facility is none of this form's.
    let Some(held) = held.filter(|held| held.facility == facility.id) else { return Ok(Err(RegistryError::NotFound)) };
    if let Some(said) = objections::of_rectification(Lang::of(request), tick, held.inspected_on, atlas.today()) {
        return Ok(Err(RegistryError::Rule { pointer: "/findings".to_owned(), detail: said }));
    }
    let at = tick.number("finding").as_u64().and_then(|at| usize::try_from(at).ok());
    let version = tick.number("version").as_i64().unwrap_or_default();
    let mut findings: Vec<Value> = held.findings.iter().map(|finding| json!(finding)).collect();
    let Some(finding) = at.and_then(|at| findings.get_mut(at)) else { return Ok(Err(RegistryError::NotFound)) };
    finding["rectified_on"] = match tick.json("rectified_on") {
        Value::Null => json!(atlas.today()),
        day => day,
    };
    finding["rectification"] = tick.json("rectification");
    let told = Wishes::from_iter([("findings".to_owned(), Value::Array(findings))]);
    let (vocabulary, today) = (atlas.vocabulary().clone(), atlas.today());
    match app.registry.amend_inspection(held.id, version, told, &who.actor(), vocabulary, today).await {
        Ok(written) => {
            app.show_write(written.seq).await;
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_says_nothing_is_no_finding() {
        let body = "type=fire&inspected_on=2026-11-01&agencies=消防、民政&result=failed&category_0=用电&severity_0=major\
                    &detail_0=插座&severity_1=minor";
        let names = names();
        let mut parameters =
            Parameters::of_body(body.as_bytes(), &names.iter().map(String::as_str).collect::<Vec<_>>());
        let told = told(&Typed::read(&mut parameters, &names));
        assert_eq!(told["agencies"], json!(["消防", "民政"]));
        let expected = json!([{"category": "用电", "severity": "major", "detail": "插座", "due_on": null}]);
        assert_eq!(told["findings"], expected);
    }
}
