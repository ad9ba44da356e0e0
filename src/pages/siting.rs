//! Siting for planners: what is covered now, where new facilities would do most good, and how sure that is.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::waiting::{REFRESH, Waiting, refreshed, soon};
use super::{districts, people, plan, plan_form, plan_tabs, siting_answer, siting_files, words};
use crate::analysis::siting::{Area, News, Objective, Refusal, SitingQuestion};
use crate::analysis::{self, Coverage, CoverageQuestion};
use crate::atlas::Atlas;
use crate::http::frame::{Address, Frame};
use crate::http::jobs::{Failure, Job, Outcome, search_seconds};
use crate::http::no_plan::problem;
use crate::http::siting::{parameters, read_parameters};
use crate::http::{App, Code, Lang, Parameters, Problem};

/// Radii to choose from, and how many minutes of slow walking (0.8 m/s, the pace of people over 75) they are.
const RADII: [(f64, Option<u32>); 8] = [
    (500.0, None),
    (720.0, Some(15)),
    (1000.0, None),
    (1500.0, None),
    (2000.0, None),
    (3000.0, None),
    (5000.0, None),
    (10_000.0, None),
];
/// Numbers of new sites to choose from.
const SITES: [usize; 9] = [1, 2, 3, 5, 8, 10, 15, 20, 30];

/// The form with the state as it is; with an objective also the plan, or how far the search is.
pub async fn siting(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let here = Address::of(&request);
    if !here.has(&["within_m"]) || !here.has(&["sites"]) {
        let first = plan::told(&here, &atlas);
        let first = if first.has(&["sites"]) { first } else { first.with("sites", SITES[3]) };
        return Ok(plan::redirected(&request, first));
    }
    let wanted = here.has(&["objective"]);
    let known = [parameters().as_slice(), &["format", REFRESH]].concat();
    let mut read = Parameters::of_form(&request, &known);
    let format = read.word("format", siting_files::Format::from_code, &siting_files::Format::CODES);
    let refresh = refreshed(&mut read);
    let (mut question, seconds) = read_parameters(&mut read, &atlas, &app.standards);
    read.finish()?;
    if question.objective == Objective::CoverAll {
        // The form always says a number; here it is the answer.
        question.sites = None;
    }
    let atlas = app.atlas_of(None, question.population_year).await?;
    let page = Page { app: &app, request: &request, atlas: &atlas, question: &question, here: &here };
    if !wanted {
        return page.baseline().await;
    }
    let client = app.client(&request).await;
    // Who may search longer does not get the plan of who may not.
    let key = format!("{} {}", here.clone().without(&["format", "refresh"]), search_seconds(client, seconds));
    let job = app.jobs.begin(client, (atlas.clone(), app.live.as_of()), question.clone(), seconds, Some(key))?;
    let ended = match format {
        Some(_) => Some(job.end().await),
        None => soon(&job).await,
    };
    match (ended, format) {
        (None, _) => Ok(page.waiting(job, refresh)),
        (Some(Err(Failure::Refusal(refusal))), _) => Ok(page.refused(&refusal)),
        (Some(Err(Failure::Problem(problem))), _) => Err(problem),
        (Some(Ok(Outcome::Siting(plan))), Some(format)) => siting_files::file(format, &plan),
        (Some(Ok(Outcome::Siting(plan))), None) => {
            let about = coverage_of(&question);
            let about = app.ponder_over(atlas.clone(), move |atlas| plan::about(atlas, &about)).await?;
            Ok(page.show(plan.demand.population > 0 && about.demo, |lang| {
                siting_answer::show(&siting_answer::Answer {
                    atlas: &atlas,
                    lang,
                    plan: &plan,
                    about: &about,
                    here: &here,
                })
            }))
        }
        (Some(Ok(_)), _) => Err(Problem::internal(&"a search came to something else")),
    }
}

/// The same question of coverage.
fn coverage_of(question: &SitingQuestion) -> CoverageQuestion {
    CoverageQuestion {
        region: question.region.clone(),
        filter: question.filter.clone(),
        within_m: question.within_m.unwrap_or_default(),
        weight: question.weight.clone(),
        class: question.class,
        population_year: question.population_year,
        ..CoverageQuestion::default()
    }
}

struct Page<'a> {
    app: &'a web::Data<App>,
    request: &'a HttpRequest,
    atlas: &'a Arc<Atlas>,
    question: &'a SitingQuestion,
    here: &'a Address,
}

impl Page<'_> {
    fn show(&self, demo: bool, main: impl FnOnce(Lang) -> Markup) -> HttpResponse {
        let lang = Lang::of(self.request);
        let title = lang.say("选址：新的点建在哪里", "Siting: where to build next");
        let mut frame = Frame::new(self.app, self.request, title);
        frame.wide = true;
        frame.drawn = true;
        frame.demo = demo;
        frame.answer(html! {
            (plan_tabs::tabs(lang, "/plan/siting"))
            h1 { (title) }
            (form(self.atlas, lang, self.question))
            (main(lang))
        })
    }

    /// How it is before anything is built.
    async fn baseline(&self) -> Result<HttpResponse, Problem> {
        let asked = coverage_of(self.question);
        let work = move |atlas: &Atlas| (analysis::coverage(atlas, &asked), plan::about(atlas, &asked));
        let (coverage, about) = self.app.ponder_over(Arc::clone(self.atlas), work).await?;
        Ok(self.show(about.demo, |lang| {
            siting_answer::baseline(self.atlas.vocabulary(), lang, &coverage_now(coverage, self.app), self.question)
        }))
    }

    fn refused(&self, refusal: &Refusal) -> HttpResponse {
        let problem = problem(refusal);
        let mut response = self.show(false, |lang| {
            let cancelled = problem.code == Code::Conflict;
            html! {
                div.notice role="alert" {
                    h2 id="result" { (if cancelled { lang.say("已经停止", "Stopped") } else { lang.say("没有可行的方案", "There is no such plan") }) }
                    @match lang { Lang::Zh => p { (why(refusal)) }, Lang::En => p lang="en" { (problem.detail) } }
                    @if problem.faults.len() > 1 { ul { @for fault in &problem.faults[1..] { li lang="en" { (fault.detail) } } } }
                }
            }
        });
        *response.status_mut() = problem.code.status();
        response
    }

    /// How far the search is.
    fn waiting(&self, job: Arc<Job>, refresh: bool) -> HttpResponse {
        let back = self.here.clone().without(&["objective", REFRESH, "format"]);
        let waiting = Waiting::new(self.request, job, refresh, back, "result");
        let found = |lang| so_far(lang, &waiting.job.news(), self.question.objective);
        let mut response = self.show(false, |lang| {
            html! {
                h2 id="result" { (lang.say("正在计算", "Searching")) }
                (waiting.show(lang, self.here, &found(lang)))
            }
        });
        waiting.dress(self.app, self.request, &mut response);
        response
    }
}

/// The refusal in Chinese.
fn why(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoPeople => {
            "这里没有人口数据，或者登记的人数都是 0，不知道建在哪里最好；这不等于没有缺口。".to_owned()
        }
        Refusal::NoCandidates => "没有可以建的点：候选点都被排除了。".to_owned(),
        Refusal::FewCandidates { candidates } => format!("候选点只有 {candidates} 处，请少建几处。"),
        Refusal::Unreachable { count, radius_m, .. } => {
            format!("有 {count} 个需求点离所有候选点都太远。距离放宽到 {:.0} 米就够了。", radius_m.ceil())
        }
        Refusal::NeedsMore { sites } => format!("至少要建 {sites} 处。"),
        Refusal::NoRoom => "按这个间隔，没有办法让每个人都有。请把间隔改小。".to_owned(),
        Refusal::TooLarge { .. } => "这个问题太大了。请选小一点的地区，或者短一点的距离。".to_owned(),
        Refusal::NoPlan => "在给定的时间里没有找到方案。请给它更多时间。".to_owned(),
        Refusal::Cancelled => "计算已经停止。要再算一次，请按“找最好的位置”。".to_owned(),
    }
}

fn coverage_now(coverage: Coverage, app: &App) -> Coverage {
    Coverage { as_of: app.live.as_of(), ..coverage }
}

fn so_far(lang: Lang, news: &News, objective: Objective) -> Markup {
    let told = |value: f64| match objective {
        Objective::MaxCovered | Objective::CoverAll => words::count(value.max(0.0).round() as u64),
        Objective::MinDistance => {
            let kilometres = words::count((value.max(0.0) / 1000.0).round() as u64);
            format!("{} {kilometres} {}", lang.say("大家一共", "in all"), lang.say("公里", "km"))
        }
        Objective::MinFarthest => words::distance(lang, value),
    };
    html! {
        dl.figures {
            @if let Some(value) = news.value { div.figure { dt { (lang.say("目前最好", "Best so far")) } dd { (told(value)) } } }
            @if let Some(bound) = news.bound { div.figure { dt { (lang.say("最好也不会超过", "No plan passes")) } dd { (told(bound)) } } }
        }
    }
}

/// The codes of the regions where no site may be, as they are typed.
fn left_out(question: &SitingQuestion) -> Option<String> {
    let codes: Vec<&str> = question.excluded.iter().filter_map(Area::code).map(|code| &**code).collect();
    (!codes.is_empty()).then(|| codes.join(","))
}

fn form(atlas: &Atlas, lang: Lang, question: &SitingQuestion) -> Markup {
    let within = question.within_m.unwrap_or_default();
    let own = (!RADII.iter().any(|(known, _)| *known == within)).then_some((within, None));
    let sites = question.sites.unwrap_or(SITES[3]);
    let own_sites = (!SITES.contains(&sites)).then_some(sites);
    let objectives = [
        (Objective::MaxCovered, "让最多的人有", "most people covered"),
        (Objective::CoverAll, "让每个人都有，点最少", "everybody covered, fewest sites"),
        (Objective::MinDistance, "让大家的路加起来最短", "shortest ways in all"),
        (Objective::MinFarthest, "让最远的人也最近", "the farthest as near as can be"),
    ];
    html! {
        form.panel action="/plan/siting" {
            div.grid {
                div.field { label for="region" { (lang.say("地区", "Area")) }
                    select id="region" name="region" { (districts::choice(atlas, lang, question.region.as_deref())) } }
                div.field { label for="kind" { (lang.say("哪一类机构", "Kind of facility")) }
                    select id="kind" name="kind" { (plan_form::kinds(atlas, lang, &question.filter, |_| true)) } }
                div.field { label for="within_m" { (lang.say("多远算覆盖（直线）", "How far counts (straight line)")) }
                    select id="within_m" name="within_m" { @for (metres, minutes) in own.into_iter().chain(RADII) {
                        option value=(metres) selected[metres == within] { (words::radius(lang, metres))
                            @if let Some(minutes) = minutes { (lang.say("（慢走 ", " (")) (minutes) (lang.say(" 分钟）", " minutes at 0.8 m/s)")) } }
                    } } }
                div.field { label for="weight" { (lang.say("算哪些人", "Whom to count")) }
                    select id="weight" name="weight" { (people::weights(atlas.vocabulary(), lang, &question.weight)) } }
                (people::classes(lang, question.class))
                (people::years(atlas, lang, question.population_year))
                div.field { label for="sites" { (lang.say("新建几处", "How many new sites")) }
                    select id="sites" name="sites" { @for count in own_sites.into_iter().chain(SITES) {
                        option value=(count) selected[count == sites] { (count) }
                    } } }
                div.field { label for="objective" { (lang.say("要做到什么", "What to aim for")) }
                    select id="objective" name="objective" { @for (objective, zh, en) in objectives {
                        option value=(objective.code()) selected[objective == question.objective] { (lang.say(zh, en)) }
                    } } }
                div.field { label for="capacity" { (lang.say("每处最多服务几人（可不填）", "People one site can serve (optional)")) }
                    input id="capacity" name="capacity" type="number" min="1" inputmode="numeric" value=[question.capacity]; }
                div.field { label for="min_spacing_m" { (lang.say("相隔至少多少米（可不填）", "Metres apart at least (optional)")) }
                    input id="min_spacing_m" name="min_spacing_m" type="number" min="0" inputmode="numeric" value=[question.min_spacing_m]; }
                div.field { label for="excluded" { (lang.say("这些地区不建（代码，用逗号隔开，可不填）", "No site in these regions (codes with commas, optional)")) }
                    input id="excluded" name="excluded" type="text" inputmode="numeric" value=[left_out(question)]; }
                div.field { label for="keep_existing" { (lang.say("现有的机构", "Existing facilities")) }
                    select id="keep_existing" name="keep_existing" {
                        option value="true" selected[question.keep_existing] { (lang.say("保留，只加新的", "keep, and add new ones")) }
                        option value="false" selected[!question.keep_existing] { (lang.say("不算，从零开始", "leave out, begin anew")) }
                    } }
            }
            button type="submit" { (lang.say("找最好的位置", "Find the best places")) }
        }
    }
}
