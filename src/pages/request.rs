//! One change request on the bureau's desk, decided field by field.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::alike::{listed, sought};
use super::capacity::role;
use super::interrupted::{self, sender};
use super::keeping::seen_at;
use super::my::{field, state, verdict_said};
use super::sign_in::{sealed, see, somebody};
use super::{value, words};
use crate::atlas::Entry;
use crate::care::change::role_of;
use crate::care::{ChangeRequest, Decision, Deed, RequestState, Verdict, Who, fields};
use crate::http::frame::{self, Address, Frame};
use crate::http::review::{find, ground_of, settle};
use crate::http::{App, Code, Lang, Parameters, Problem};
use crate::registry::Asked;

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    let who = match somebody(&app, &request, &Address::new(format!("/desk/requests/{id}"))).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let asked = find(&app, &who, &id, Deed::Look).await?;
    page(&app, &request, &who, &asked, StatusCode::OK, &Filled::default(), None).await
}

/// The decision as far as it was filled in: by field, what was chosen and the reason; and the version that was seen.
#[derive(Default)]
struct Filled {
    seen: Option<i64>,
    told: BTreeMap<String, (Option<String>, Option<String>)>,
}

impl Filled {
    fn read(body: &[u8], asked: &ChangeRequest) -> Result<Filled, Problem> {
        let reasons: Vec<String> = asked.wished.keys().map(|name| format!("reason_{name}")).collect();
        let known = asked.wished.keys().chain(&reasons).map(String::as_str).chain(["version"]).collect::<Vec<_>>();
        let mut parameters = Parameters::of_body(body, &known);
        let seen = parameters.number("version", 1..=i64::MAX, "version");
        let mut one = |name: &String, reason: &str| (name.clone(), (parameters.text(name), parameters.text(reason)));
        let told = asked.wished.keys().zip(&reasons).map(|(name, reason)| one(name, reason)).collect();
        parameters.finish()?;
        Ok(Filled { seen, told })
    }

    fn decision(&self) -> Decision {
        let verdicts = self.told.iter().filter_map(|(name, (choice, reason))| {
            let verdict = match choice.as_deref()? {
                "accept" => Verdict::Accept,
                "newer" => Verdict::Newer,
                "reject" => Verdict::Reject { reason: reason.as_deref().unwrap_or_default().into() },
                _ => return None,
            };
            Some((name.clone(), verdict))
        });
        verdicts.collect()
    }
}

async fn page(
    app: &App,
    request: &HttpRequest,
    who: &Who,
    asked: &ChangeRequest,
    status: StatusCode,
    filled: &Filled,
    error: Option<String>,
) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let held = atlas.facility(asked.facility).ok_or_else(|| Problem::new(Code::NotFound, "The facility is gone."))?;
    let facility = &held.facility;
    let overtaken = asked.overtaken(facility);
    let others = app.registry.requests(Asked::About(facility.id)).await?;
    let others: Vec<_> =
        others.iter().filter(|other| other.id != asked.id && other.state == RequestState::Pending).collect();
    let twins = sought(app, &atlas, facility).await?;
    let lang = Lang::of(request);
    let title = lang.say("变更申请", "Change request");
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo;
    let deciding = asked.state == RequestState::Pending && who.may(Deed::Register, &ground_of(&atlas, asked));
    let body = html! {
        @for (name, wish) in &asked.wished {
            section.panel {
                h2 { (field(lang, name)) }
                dl.facts {
                    dt { (lang.say("申请时", "As asked on")) } dd { (value::told(&atlas, lang, name, asked.was.get(name).unwrap_or(&serde_json::Value::Null))) }
                    dt { (lang.say("现在", "Now")) } dd { (value::held(&atlas, lang, facility, name)) }
                    dt { (lang.say("希望改为", "Wished")) } dd { strong { (value::told(&atlas, lang, name, wish)) } }
                }
                @if overtaken.contains(&name.as_str()) && asked.state == RequestState::Pending {
                    p.notice { (lang.say("申请之后，别人也改了这一项。", "Somebody else has changed this since.")) } }
                @if deciding { (choices(lang, name, overtaken.contains(&name.as_str()), filled.told.get(name))) }
                @if let Some(verdict) = asked.decision.as_ref().and_then(|decision| decision.get(name)) { p { strong { (verdict_said(lang, verdict)) } } }
            }
        }
    };
    Ok(frame.answer_private(status, html! {
        p.crumbs { a href="/desk" { (lang.say("工作台", "The desk")) } }
        h1 { (title) }
        p.big { a href=(format!("/f/{}", facility.id)) { (words::told(&facility.name)) } }
        @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有保存", "Not saved")) } p { (error) } } }
        p { (role(lang, role_of(&asked.actor))) (lang.say("，", ", ")) (frame::day_and_age(lang, asked.at, app)) (lang.say("，", ", ")) (state(lang, asked.state)) }
        @if let Some(note) = &asked.note { p { (lang.say("理由：", "Reason: ")) (words::told(note)) } }
        (beside(app, lang, held, &others, &twins, Some(who).filter(|who| who.may(Deed::Register, &ground_of(&atlas, asked)))))
        @if deciding {
            form method="post" action=(format!("/desk/requests/{}", asked.id)) {
                (sealed(request))
                input type="hidden" name="version" value=(filled.seen.unwrap_or(facility.version));
                (body)
                button.full type="submit" { (lang.say("提交审核结果", "Submit the decision")) }
            }
        } @else { (body) }
    }))
}

/// Accept, keep the newer, or reject and say why.
fn choices(lang: Lang, name: &str, overtaken: bool, filled: Option<&(Option<String>, Option<String>)>) -> Markup {
    let (chosen, reason) = filled.map_or((None, None), |(chosen, reason)| (chosen.as_deref(), reason.as_deref()));
    let radio = |value: &str, label: &str| html! { label.tile { input type="radio" name=(name) value=(value) checked[chosen == Some(value)] required; (label) } };
    html! {
        fieldset.field {
            legend { (lang.say("怎么处理？", "What is decided?")) }
            div.tiles {
                (radio("accept", lang.say("同意", "Accept")))
                @if overtaken { (radio("newer", lang.say("保留现在的", "Keep the newer"))) }
                (radio("reject", lang.say("不同意", "Reject")))
            }
        }
        div.field { label for=(format!("reason-{name}")) { (lang.say("不同意的理由", "Reason for a rejection")) }
            input id=(format!("reason-{name}")) name=(format!("reason_{name}")) type="text" value=[reason]; }
    }
}

/// Other requests about the same facility, and records that may be the same place.
fn beside(
    app: &App,
    lang: Lang,
    held: &Entry,
    others: &[&ChangeRequest],
    twins: &[Arc<Entry>],
    merging: Option<&Who>,
) -> Markup {
    let atlas = app.atlas();
    html! {
        @if !others.is_empty() {
            h2 { (lang.say("同一机构的其他申请", "Other requests about it")) }
            ul.row-links { @for other in others { li { a.row href=(format!("/desk/requests/{}", other.id)) {
                span { @for (at, name) in other.wished.keys().enumerate() { @if at > 0 { (lang.say("、", ", ")) } (field(lang, name)) } }
                span.quiet { (frame::day_and_age(lang, other.at, app)) } } } } }
        }
        @if !twins.is_empty() {
            h2 { (lang.say("可能是同一处", "Possibly the same place")) }
            (listed(&atlas, lang, twins, merging.map(|who| (held.facility.id, who))))
        }
    }
}

pub async fn decide(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let (who, again) = match sender(&app, &request, &body).await? {
        Ok(sender) => sender,
        Err(sign_in) => return Ok(sign_in),
    };
    let asked = find(&app, &who, &id, Deed::Register).await?;
    let filled = Filled::read(&body, &asked)?;
    let lang = Lang::of(&request);
    if again {
        let said = interrupted::sentence(lang).to_owned();
        return page(&app, &request, &who, &asked, StatusCode::FORBIDDEN, &filled, Some(said)).await;
    }
    let decision = filled.decision();
    let unclear = asked.objection(&decision).map(|(name, _)| match lang {
        Lang::Zh => format!("“{}”还没有处理，或者不同意而没有写理由。", field(lang, &name)),
        Lang::En => format!("{}: decide, and give a reason where you reject.", field(lang, &name)),
    });
    if let Some(unclear) = unclear {
        return page(&app, &request, &who, &asked, StatusCode::UNPROCESSABLE_ENTITY, &filled, Some(unclear)).await;
    }
    let seen = filled.seen.unwrap_or_default();
    let mut expected = seen;
    let problem = loop {
        match settle(&app, &who, &asked, expected, decision.clone()).await {
            Ok(()) => return Ok(see(&Address::new("/desk"))),
            Err(problem) if problem.code == Code::Stale => match untouched_since(&app, &asked, seen).await? {
                Some(newer) if newer > expected => expected = newer,
                _ => break problem,
            },
            Err(problem) if matches!(problem.code, Code::Conflict | Code::Rule) => break problem,
            Err(problem) => return Err(problem),
        }
    };
    let status = problem.code.status();
    let said = match problem.code {
        Code::Stale => lang
            .say("记录刚被改过，请对照现在的内容再决定。", "The record was changed just now; compare and decide again.")
            .to_owned(),
        Code::Conflict => lang.say("这件申请已经处理过了。", "This request was decided already.").to_owned(),
        _ => problem.detail,
    };
    let asked = find(&app, &who, &id, Deed::Look).await?;
    // What stands now is shown beside what was chosen: the next decision is on it.
    let filled = Filled { seen: None, ..filled };
    page(&app, &request, &who, &asked, status, &filled, Some(said)).await
}

/// The version that the record is now at, where nothing that is asked for was changed since the one that was seen.
async fn untouched_since(app: &App, asked: &ChangeRequest, seen: i64) -> Result<Option<i64>, Problem> {
    let Some(before) = seen_at(app, asked.facility, seen).await? else { return Ok(None) };
    let atlas = app.atlas();
    let now = atlas.facility(asked.facility).map(|entry| &entry.facility);
    let names = || asked.wished.keys();
    Ok(now.filter(|now| fields::values(now, names()) == fields::values(&before, names())).map(|now| now.version))
}
