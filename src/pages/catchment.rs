//! Capacity against need: how many beds people have within reach, how many are lacking, and who reaches none.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::catchment_answer::{self, Answer, Sort};
use super::waiting::{REFRESH, Waiting, refreshed};
use super::{districts, people, plan, plan_form, plan_tabs, words};
use crate::analysis;
use crate::analysis::bed_target::PRESETS;
use crate::analysis::catchment::{By, Trouble};
use crate::analysis::floating::Method;
use crate::analysis::{Catchment, CatchmentQuestion, CoverageQuestion, Outline};
use crate::atlas::Atlas;
use crate::care::Level;
use crate::http::catchment::CATCHMENT;
use crate::http::frame::{Address, Frame};
use crate::http::{App, Lang, Parameters, Problem, catchment, filter};

/// What is asked before anyone has chosen: beds of residential care within five kilometres, against the plan of 2020.
const FIRST: [(&str, &str); 4] =
    [("category", "residential"), ("method", "2sfca"), ("within_m", "5000"), ("target", "cn-2020")];
/// Radii to choose from, in metres.
const RADII: [f64; 7] = [1000.0, 2000.0, 3000.0, 5000.0, 10_000.0, 20_000.0, 30_000.0];
/// Rows of the table of those who reach nothing; the downloads hold them all.
const UNREACHED: usize = 30;

pub async fn catchment(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let here = Address::of(&request);
    if !here.has(&["within_m", "steps"]) {
        // A kind stands instead of a category.
        let usual = |(name, _): &&(&str, &str)| !here.has(&[name, if *name == "category" { "kind" } else { name }]);
        let mut asked = FIRST.iter().filter(usual).fold(here.clone(), |asked, (name, value)| asked.with(name, value));
        if let Some(lang) = Lang::asked(&request) {
            asked = asked.with("lang", lang.code());
        }
        return Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, asked.to_string())).finish());
    }
    let mut parameters = Parameters::of_form(&request, &[CATCHMENT.as_slice(), &["sort", "as_of", REFRESH]].concat());
    let question = catchment::read(&mut parameters, &atlas, By::Below);
    if question.by == By::Point {
        parameters.refuse("by", "the page has rows by region; /api/v1/catchment has them by point");
    }
    let sort = parameters.word("sort", Sort::from_code, &Sort::CODES).unwrap_or_default();
    let past = filter::as_of(&mut parameters, &atlas, chrono::Utc::now());
    let refresh = refreshed(&mut parameters);
    parameters.finish()?;
    if let Some(waiting) = Waiting::past(&app, &request, (past, refresh), "/plan/catchment").await? {
        return Ok(waiting);
    }

    let atlas = app.atlas_of(past, question.population_year).await?;
    let work = move |atlas: &Atlas| {
        let mut question = question;
        let mut found = analysis::outline(atlas, &question, UNREACHED);
        // Whoever chooses another kind in the form is answered, and told that beds are not counted there.
        if found.as_ref().is_err_and(|trouble| *trouble == Trouble::NotBeds) {
            question.target = None;
            found = analysis::outline(atlas, &question, UNREACHED);
        }
        let found = found?;
        let about = plan::about(atlas, &same_people(&question));
        Ok::<_, Problem>((question, found, about))
    };
    let (question, found, about) = app.ponder_over(atlas.clone(), work).await??;
    let not_beds = question.target.is_none() && here.has(&["target"]);
    let here = here.without(if not_beds { &[REFRESH, "target"] } else { &[REFRESH] });
    let Outline { answer, matched, unreached, unreached_matched: count } = found;
    let found = Catchment { as_of: past.unwrap_or_else(|| app.live.as_of()), ..answer };

    let lang = Lang::of(&request);
    let answer = Answer {
        atlas: &atlas,
        lang,
        question: &question,
        found: &found,
        matched,
        unreached: &unreached,
        count,
        about: &about,
        sort,
        here: &here,
    };
    let mut frame = Frame::new(&app, &request, answer.title());
    frame.wide = true;
    frame.drawn = true;
    frame.demo = about.demo;
    frame.json = Some(answer.api());
    Ok(frame.answer(html! {
        (plan_tabs::tabs(lang, "/plan/catchment"))
        h1 { (lang.say("床位够不够：供给与需要", "Enough places? Capacity against need")) }
        (form(&app.atlas(), lang, &question, &here))
        (plan_form::before_all(lang, past.is_some() && found.revision == 0))
        @if not_beds { p.notice { (lang.say("所选目标说的是床位，这类机构数的不是床位，没有相比。", "The target chosen is one of beds, and this kind is not counted in beds: they are not compared.")) } }
        (catchment_answer::show(&answer))
    }))
}

/// The question of coverage about the same people.
fn same_people(question: &CatchmentQuestion) -> CoverageQuestion {
    CoverageQuestion {
        region: question.region.clone(),
        filter: question.filter.clone(),
        within_m: question.within_m,
        weight: question.weight.clone(),
        population_year: question.population_year,
        ..CoverageQuestion::default()
    }
}

/// A method in the words of those who choose it.
pub fn method_name(lang: Lang, method: Method) -> &'static str {
    match method {
        Method::TwoStep => lang.say("两步移动搜寻法（2SFCA）", "two-step floating catchment (2SFCA)"),
        Method::Enhanced => {
            lang.say("增强两步法（E2SFCA，近的算得多）", "enhanced two-step (E2SFCA), near counts more")
        }
        Method::ThreeStep => lang.say("三步法（3SFCA，人会挑近的）", "three-step (3SFCA), people choose"),
        Method::Gravity => lang.say("引力模型", "gravity model"),
        Method::Kernel => lang.say("核密度两步法（KD2SFCA，高斯）", "kernel density two-step (KD2SFCA), Gaussian"),
        Method::Balanced => lang.say("平衡法（BFCA，每人只算一次）", "balanced (BFCA), everyone counted once"),
    }
}

fn form(atlas: &Atlas, lang: Lang, question: &CatchmentQuestion, here: &Address) -> Markup {
    let radius = question.within_m;
    let own_radius = (radius.is_finite() && !RADII.contains(&radius)).then_some(radius);
    let preset = question.target.and_then(|target| target.preset);
    let own_target = question.target.filter(|target| target.preset.is_none());
    let level = |level| question.by == By::Level(level);
    html! {
        form.panel action="/plan/catchment" {
            // What the form does not ask stays as it was asked.
            (here.clone().only(&["steps", "decay", "distance", "count", "min_free", "service", "measure"]).hidden())
            div.grid {
                div.field {
                    label for="region" { (lang.say("地区", "Area")) }
                    select id="region" name="region" { (districts::choice(atlas, lang, question.region.as_deref())) }
                }
                div.field {
                    label for="kind" { (lang.say("哪一类机构", "Kind of facility")) }
                    select id="kind" name="kind" { (plan_form::kinds(atlas, lang, &question.filter, |kind| !kind.measures.is_empty())) }
                }
                div.field {
                    label for="within_m" { (lang.say("多远算够得着（直线）", "How far is within reach (straight line)")) }
                    select id="within_m" name="within_m" {
                        @for metres in own_radius.into_iter().chain(RADII) {
                            option value=(metres) selected[metres == radius] { (words::radius(lang, metres)) }
                        }
                    }
                }
                div.field {
                    label for="method" { (lang.say("算法", "Method")) }
                    select id="method" name="method" {
                        @for method in Method::ALL {
                            option value=(method.code()) selected[method == question.method] { (method_name(lang, method)) }
                        }
                    }
                }
                div.field {
                    label for="target" { (lang.say("每千人的目标", "Target for 1,000 people")) }
                    select id="target" name="target" {
                        option value="" { (lang.say("不比目标", "no target")) }
                        @if let Some(own) = own_target { option value=(own.per_1000) selected { (own.per_1000) } }
                        @for known in &PRESETS {
                            option value=(known.code) selected[preset == Some(known)] {
                                (known.per_1000) " · " (lang.say(known.name_zh, known.name_en)) " (" (known.base) ")"
                            }
                        }
                    }
                }
                div.field {
                    label for="weight" { (lang.say("算哪些人", "Whom to count")) }
                    select id="weight" name="weight" {
                        (people::weights(atlas.vocabulary(), lang, &question.weight))
                    }
                }
                (people::years(atlas, lang, question.population_year))
                div.field {
                    label for="min_rating" { (lang.say("等级", "Rating")) }
                    select id="min_rating" name="min_rating" {
                        option value="" { (lang.say("不论等级", "any or none")) }
                        @for stars in 1..=5u8 {
                            option value=(stars) selected[question.filter.min_rating == Some(stars)] {
                                @match lang { Lang::Zh => { "有效期内 " (stars) " 级以上" }, Lang::En => { "current, " (stars) " and up" } }
                            }
                        }
                    }
                }
                div.field {
                    label for="by" { (lang.say("按什么分行", "A row for each")) }
                    select id="by" name="by" {
                        option value="" { (lang.say("下一级", "next level down")) }
                        @for each in [Level::County, Level::Town, Level::Village] {
                            option value=(each.code()) selected[level(each)] { (words::level(lang, each)) }
                        }
                    }
                }
                (plan_form::as_of(lang, here.first("as_of")))
            }
            button type="submit" { (lang.say("计算", "Calculate")) }
        }
    }
}
