//! Plan and built: each target beside what dated records say was built, what was lost apart; and the form to keep targets.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};
use uuid::Uuid;

use super::plan_figures::{figure, records, say};
use super::sign_in::{sealed, see, somebody};
use super::{districts, plan_tabs, words};
use crate::analysis::evidence::Evidence;
use crate::analysis::plan::{Standing, standing};
use crate::atlas::Atlas;
use crate::care::kept::{Given, with};
use crate::care::target::{NAMED, PlanMeasure};
use crate::care::{Deed, Ground, Role, Target, Text, Who, indicator};
use crate::http::frame::{Address, Frame};
use crate::http::report::ReportQuestion;
use crate::http::who::{SEAL, allow, check_seal, ground_of_region};
use crate::http::{App, Code, Lang, Parameters, Problem, filter};

/// The fields of the form.
const FIELDS: [&str; 6] = ["region", "year", "measure", "planned", "source", "note"];

/// What the form shows: the row that is changed, or a new one, as it was typed.
#[derive(Default)]
struct Typed {
    id: Option<Uuid>,
    version: i64,
    fields: BTreeMap<&'static str, String>,
    error: Option<String>,
}

impl Typed {
    fn of(target: &Target) -> Typed {
        let whole = json!(target);
        let text = |name: &str| match whole.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.as_f64().map_or(String::new(), |number| number.to_string()),
            _ => String::new(),
        };
        let fields = FIELDS.into_iter().map(|name| (name, text(name))).collect();
        Typed { id: Some(target.id), version: target.version, fields, error: None }
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

pub async fn targets(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters =
        Parameters::of_form(&request, &["region", "year", "id", "saved", "measure", "planned", "source"]);
    let atlas = app.atlas();
    let region = filter::region(&mut parameters, "region", &atlas);
    let year = parameters.number("year", 1949..=2199, "year");
    let id = parameters.word("id", |text| text.parse::<Uuid>().ok(), &["a target's id"]);
    let saved = parameters.text("saved").is_some();
    let told =
        ["measure", "planned", "source"].into_iter().map(|name| (name, parameters.text(name).unwrap_or_default()));
    let fields = told.chain([("region", region.as_deref().unwrap_or_default().to_owned())]).collect();
    parameters.finish()?;
    let typed = match id {
        None => Typed { fields, ..Typed::default() },
        Some(id) => {
            let all: Vec<Target> = app.registry.kept(None).await?;
            let found = all.iter().find(|target| target.id == id);
            Typed::of(found.ok_or_else(|| Problem::new(Code::NotFound, "There is no such target."))?)
        }
    };
    page(&app, &request, (region, year), StatusCode::OK, &typed, saved).await
}

/// Those that are asked for, each computed for its own region and year.
async fn standings(app: &App, region: Option<Text>, year: Option<i32>) -> Result<Vec<Standing>, Problem> {
    let atlas = app.atlas();
    let ledger = app.ledger(None, &atlas).await?;
    let inside = |target: &&Target| {
        region.as_ref().is_none_or(|above| atlas.regions().is_within(&target.region, above))
            && year.is_none_or(|year| target.year == year)
    };
    let mut by_region: BTreeMap<Text, Vec<Target>> = BTreeMap::new();
    for target in ledger.targets.iter().filter(inside) {
        by_region.entry(target.region.clone()).or_default().push(target.clone());
    }
    let mut found = Vec::new();
    for (code, targets) in by_region {
        if atlas.regions().get(&code).is_none() {
            continue;
        }
        let question = ReportQuestion::now(code);
        let each = app.weigh(&question, move |evidence| {
            let of = |target: &Target| standing(&Evidence { year: target.year, ..evidence.clone() }, target);
            targets.iter().map(of).collect::<Vec<_>>()
        });
        found.extend(each.await?.answer);
    }
    found.sort_by(|a, b| (b.target.year, &a.target.region).cmp(&(a.target.year, &b.target.region)));
    Ok(found)
}

async fn page(
    app: &App,
    request: &HttpRequest,
    (region, year): (Option<Text>, Option<i32>),
    status: StatusCode,
    typed: &Typed,
    saved: bool,
) -> Result<HttpResponse, Problem> {
    let lang = Lang::of(request);
    let who = app.signed_in(request).await?;
    let standings = standings(app, region.clone(), year).await?;
    let atlas = app.atlas();
    let title = lang.say("计划与完成", "Plan and built");
    let mut frame = Frame::new(app, request, title);
    frame.wide = true;
    frame.demo = standings.iter().any(|standing| standing.built.demo || standing.target.demo);
    frame.json = Some(Address::of(request).only(&["region", "year"]).at("/api/v1/targets"));
    let keeps = who.as_ref().is_some_and(keeps);
    let body = html! {
        (plan_tabs::tabs(lang, "/plan/targets"))
        h1 { (title) }
        @if saved { div.notice role="status" { h2 { (lang.say("已保存", "Saved")) } } }
        (choice(&atlas, lang, region.as_deref(), year))
        (table(&atlas, lang, &standings, who.as_ref()))
        p.source { (lang.say("完成数只来自有日期的记录：建成日期、开业日期、床位变更。关停和调减单列，不从完成数里扣。进度按全年均分到天（自定口径）。",
                             "What was built comes from dated records alone: building and opening days, and changes of beds. Closures and reductions stand apart and are never taken off. The pace is the plan in equal parts over the year's days (own convention).")) }
        @if keeps { (form(&atlas, request, lang, typed)) }
    };
    Ok(if keeps { frame.answer_private(status, body) } else { frame.answer(body) })
}

/// Whether somebody keeps targets somewhere.
fn keeps(who: &Who) -> bool {
    let own = Ground { facility: None, regions: who.region.iter().cloned().collect() };
    matches!(who.role, Role::Bureau | Role::Admin | Role::Operator) && who.may(Deed::Register, &own)
}

fn choice(atlas: &Atlas, lang: Lang, region: Option<&str>, year: Option<i32>) -> Markup {
    html! {
        form.panel action="/plan/targets" {
            div.grid {
                div.field {
                    label for="of-region" { (lang.say("地区", "Area")) }
                    select id="of-region" name="region" { (districts::choice(atlas, lang, region)) }
                }
                div.field {
                    label for="of-year" { (lang.say("年份（留空为全部）", "Year (empty: all)")) }
                    input id="of-year" name="year" type="number" min="1949" max="2199" inputmode="numeric" value=[year];
                }
            }
            button type="submit" { (lang.say("查看", "Show")) }
        }
    }
}

fn table(atlas: &Atlas, lang: Lang, standings: &[Standing], who: Option<&Who>) -> Markup {
    html! {
        @if standings.is_empty() { p { (lang.say("没有登记计划。", "No target is registered.")) } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(lang.say("计划表", "Table of targets")) {
                table.cards {
                    caption { (lang.say("计划与完成", "Plan and built")) }
                    thead { tr {
                        th scope="col" { (lang.say("计划", "Target")) }
                        th.n scope="col" { (lang.say("计划数", "Planned")) }
                        th.n scope="col" { (lang.say("完成", "Built")) }
                        th.n scope="col" { (lang.say("完成率", "Share")) }
                        th scope="col" { (lang.say("进度", "State")) }
                        th.n scope="col" { (lang.say("减少（单列）", "Lost (apart)")) }
                        th scope="col" { (lang.say("记录", "Records")) }
                    } }
                    tbody { @for standing in standings { (row(atlas, lang, standing, who)) } }
                }
            }
        }
    }
}

fn row(atlas: &Atlas, lang: Lang, standing: &Standing, who: Option<&Who>) -> Markup {
    let target = &standing.target;
    let name = atlas.regions().get(&target.region).map_or(&*target.region, |region| &region.name);
    let known = |value: Option<f64>| {
        html! {
            @match value { Some(value) => (figure(value, standing.unit, None)), None => span.unknown { (lang.say("不详", "not known")) } }
        }
    };
    let own = who.is_some_and(|who| who.may(Deed::Register, &ground_of_region(atlas, Some(&target.region))));
    let edit = Address::new("/plan/targets").with("id", target.id);
    html! {
        tr {
            th scope="row" {
                (words::told(name)) " " span.number { (target.year) } br;
                (say(lang, &standing.measure))
                @if target.demo || standing.built.demo { " " span.tag.demo { (lang.say("演示", "demo")) } }
                @if let Some(source) = &target.source { br; span.quiet { (words::told(source)) } }
                @if let Some(note) = &target.note { br; span.quiet { (words::told(note)) } }
                @if own { br; a href=(edit) { (lang.say("修改", "Change")) } }
            }
            td.n data-label=(lang.say("计划数", "Planned")) { (known(target.planned)) }
            td.n data-label=(lang.say("完成", "Built")) {
                (known(standing.built.value))
                @for part in &standing.built.parts { br; span.quiet { (say(lang, &part.name)) " " (part.value) } }
                @for note in standing.built.notes.iter().chain(&standing.built.missing) { br; span.quiet { (say(lang, note)) } }
            }
            td.n data-label=(lang.say("完成率", "Share")) {
                @match standing.share { Some(share) => span.number { (words::percent(share)) }, None => span.unknown { (lang.say("无法计算", "not computable")) } }
            }
            td data-label=(lang.say("进度", "State")) { strong { ({ let words = standing.track.words(); lang.say(words.0, words.1) }) } }
            td.n data-label=(lang.say("减少（单列）", "Lost (apart)")) {
                @match standing.lost.value { Some(value) => (figure(value, standing.unit, None)), None => span.unknown { (lang.say("没有记录", "no records")) } }
            }
            td data-label=(lang.say("记录", "Records")) { (records(lang, &standing.built.records)) }
        }
    }
}

fn form(atlas: &Atlas, request: &HttpRequest, lang: Lang, typed: &Typed) -> Markup {
    let measure = typed.field("measure");
    let known = NAMED.iter().any(|named| named.0 == measure)
        || indicator::table().metrics.iter().any(|metric| &*metric.code == measure);
    let own = (!measure.is_empty() && !known).then(|| PlanMeasure::of(measure, atlas.vocabulary()));
    let line = |name: &'static str, label: &str, hint: Option<&str>| {
        html! {
            div.field {
                label for=(name) { (label) }
                @if let Some(hint) = hint { p.hint id=(format!("{name}-hint")) { (hint) } }
                input id=(name) name=(name) type="text" value=(typed.field(name)) aria-describedby=[hint.map(|_| format!("{name}-hint"))];
            }
        }
    };
    html! {
        section.block {
            h2 { @if typed.id.is_some() { (lang.say("修改计划", "Change the target")) } @else { (lang.say("登记计划", "Register a target")) } }
            @if let Some(error) = &typed.error { div.notice role="alert" { h2 { (lang.say("没有保存", "Not saved")) } p { (error) } } }
            form.panel method="post" action="/plan/targets" {
                (sealed(request))
                @if let Some(id) = typed.id {
                    input type="hidden" name="id" value=(id);
                    input type="hidden" name="version" value=(typed.version);
                }
                div.grid {
                    div.field {
                        label for="region" { (lang.say("地区", "Region")) }
                        select id="region" name="region" required { (districts::choice(atlas, lang, Some(typed.field("region")).filter(|code| !code.is_empty()))) }
                    }
                    div.field {
                        label for="year" { (lang.say("年份", "Year")) }
                        input id="year" name="year" type="number" min="1949" max="2199" inputmode="numeric" required value=(typed.field("year"));
                    }
                    div.field {
                        label for="measure" { (lang.say("指标", "Measure")) }
                        select id="measure" name="measure" required {
                            @if let Some(own) = own { option value=(measure) selected { (own.map_or(measure.to_owned(), |own| lang.say(&own.zh, &own.en).to_owned())) } }
                            optgroup label=(lang.say("机构和床位", "Facilities and beds")) {
                                @for (code, zh, en, _) in NAMED { option value=(code) selected[code == measure] { (lang.say(zh, en)) } }
                            }
                            optgroup label=(lang.say("台账里的项目", "Figures of the ledger")) {
                                @for metric in &indicator::table().metrics { option value=(metric.code) selected[&*metric.code == measure] { (lang.say(&metric.zh, &metric.en)) } }
                            }
                        }
                    }
                    (line("planned", lang.say("计划数", "Planned"), Some(lang.say("不知道就留空，不会当成 0。", "Leave empty where it is not known; it is not taken for 0."))))
                    (line("source", lang.say("来源", "Source"), None))
                    (line("note", lang.say("说明", "Note"), None))
                }
                button type="submit" { (lang.say("保存", "Save")) }
            }
        }
    }
}

pub async fn save(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let who = match somebody(&app, &request, &Address::new("/plan/targets")).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let mut parameters = Parameters::of_body(&body, &[FIELDS.as_slice(), &["id", "version"]].concat());
    let id = parameters.word("id", |text| text.parse::<Uuid>().ok(), &["a target's id"]);
    let version = parameters.number("version", 1..=i64::MAX, "version").unwrap_or_default();
    let fields: BTreeMap<&'static str, String> =
        FIELDS.into_iter().map(|name| (name, parameters.text(name).unwrap_or_default())).collect();
    let told = parameters.text(SEAL);
    parameters.finish()?;
    let atlas = app.atlas();
    let region = fields.get("region").cloned().unwrap_or_default();
    allow(&who, Deed::Register, &ground_of_region(&atlas, Some(&region)))?;
    let before = match id {
        None => None,
        Some(id) => {
            let all: Vec<Target> = app.registry.kept(None).await?;
            let held = all.into_iter().find(|target| target.id == id);
            let held = held.ok_or_else(|| Problem::new(Code::NotFound, "There is no such target."))?;
            allow(&who, Deed::Register, &ground_of_region(&atlas, Some(&held.region)))?;
            Some(held)
        }
    };
    check_seal(&request, told.as_deref())?;
    let mut typed = Typed { id, version, fields, error: None };
    let lang = Lang::of(&request);
    let asked = (Some(Text::from(region)), None);
    let target = match with(before.as_ref(), &given(&typed.fields), atlas.vocabulary()) {
        Ok(target) => target,
        Err(faults) => {
            let said: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.detail)).collect();
            typed.error = Some(said.join("; "));
            return page(&app, &request, asked, StatusCode::UNPROCESSABLE_ENTITY, &typed, false).await;
        }
    };
    let kept = app.registry.keep(target, id.map(|_| version), &who.actor()).await.map_err(Problem::from);
    match kept {
        Ok((target, seq)) => {
            app.show_write(seq).await;
            Ok(see(&Address::new("/plan/targets").with("region", &target.region).with("saved", 1)))
        }
        Err(problem) if matches!(problem.code, Code::Stale | Code::Conflict | Code::Rule) => {
            typed.error = Some(match problem.code {
                Code::Stale => lang
                    .say(
                        "这项计划刚被别人改过。请打开最新的内容，再改一次。",
                        "Somebody changed this target just now. Open it anew and change it again.",
                    )
                    .to_owned(),
                Code::Conflict => lang
                    .say(
                        "这个地区这一年已有这项计划，请在表里点“修改”。",
                        "This region has this target for the year already: use Change in the table.",
                    )
                    .to_owned(),
                _ => problem.detail.clone(),
            });
            page(&app, &request, asked, problem.code.status(), &typed, false).await
        }
        Err(problem) => Err(problem),
    }
}

/// What was typed, as fields: an empty line says that nothing is known; what is no number goes on as it is, to be refused.
fn given(fields: &BTreeMap<&'static str, String>) -> Given {
    let value = |name: &str, text: &str| match name {
        _ if text.is_empty() => Value::Null,
        "year" => text.parse::<i64>().map_or(json!(text), |year| json!(year)),
        "planned" => text.parse::<f64>().map_or(json!(text), |planned| json!(planned)),
        _ => json!(text),
    };
    fields.iter().map(|(name, text)| ((*name).to_owned(), value(name, text))).collect()
}
