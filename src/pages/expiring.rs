//! What ends: ratings and licences that end soon, the soonest first, then those that have ended, the latest first.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::sign_in::somebody;
use super::{districts, dossier, words};
use crate::analysis::{Ending, Paper};
use crate::atlas::Atlas;
use crate::care::Role;
use crate::http::frame::{Address, Frame};
use crate::http::sight::{EndingQuestion, ending, ending_question};
use crate::http::{App, Lang, Parameters, Problem};

/// How many are listed at most; the number of all is said.
const SHOWN: usize = 100;

/// The days to look ahead that can be chosen.
const AHEAD: [u64; 4] = [30, 90, 180, 365];

pub async fn expiring(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let mut parameters = Parameters::of_form(&request, &["region", "within_days"]);
    let question = ending_question(&mut parameters, &atlas);
    parameters.finish()?;
    let who = match somebody(&app, &request, &Address::of(&request)).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let found = ending(&app, &who, &question).await?;
    let lang = Lang::of(&request);
    let title = lang.say("快到期的等级和证照", "Ratings and licences that end soon");
    let mut frame = Frame::new(&app, &request, title);
    frame.wide = true;
    frame.json = Some(Address::of(&request).at("/api/v1/ratings/expiring"));
    // What can still be renewed in time comes first, however much has ended.
    let (ended, coming): (Vec<_>, Vec<_>) = found.iter().partition(|ending| ending.days_left < 0);
    let shown: Vec<_> = coming.iter().chain(ended.iter().rev()).take(SHOWN).collect();
    let (ended, coming) = (ended.len(), coming.len());
    let days = question.within_days;
    frame.demo = shown.iter().any(|ending| ending.entry.facility.demo);
    Ok(frame.answer_private(
        StatusCode::OK,
        html! {
            p.crumbs { a href="/my" { (lang.say("返回", "Back")) } }
            h1 { (title) }
            (form(&atlas, lang, &question, (who.role != Role::Manager).then_some(who.region.as_deref())))
            p.status role="status" { (match lang {
                Lang::Zh => format!("{coming} 项在 {days} 天内到期，{ended} 项已过期。快到期的在前。"),
                Lang::En => format!("{coming} end within {days} days, {ended} have ended. Those that end soon come first."),
            }) }
            @if found.len() > SHOWN { p { (lang.say("只列出前 ", "Only the first are listed: ")) (SHOWN) (lang.say(" 项。", "")) } }
            @if !found.is_empty() {
                div.scroll tabindex="0" role="region" aria-label=(title) {
                    table.cards {
                        caption { (title) }
                        thead { tr {
                            th scope="col" { (lang.say("机构", "Facility")) }
                            th scope="col" { (lang.say("等级或证照", "Rating or licence")) }
                            th scope="col" { (lang.say("最后一天", "Last day")) }
                            th scope="col" { (lang.say("还有多久", "Time left")) }
                        } }
                        tbody { @for ending in shown { (line(&atlas, lang, ending)) } }
                    }
                }
            }
        },
    ))
}

fn form(atlas: &Atlas, lang: Lang, question: &EndingQuestion, scope: Option<Option<&str>>) -> Markup {
    let chosen = question.within_days;
    let own = (!AHEAD.contains(&chosen)).then_some(chosen);
    html! {
        form.panel action="/desk/expiring" {
            div.grid {
                @if let Some(scope) = scope { (districts::field_within(atlas, lang, scope, question.region.as_deref())) }
                div.field {
                    label for="within_days" { (lang.say("往后看多少天", "Days to look ahead")) }
                    select id="within_days" name="within_days" { @for days in own.into_iter().chain(AHEAD) {
                        option value=(days) selected[days == chosen] { (days) (lang.say(" 天", " days")) }
                    } }
                }
            }
            button type="submit" { (lang.say("查看", "Show")) }
        }
    }
}

fn line(atlas: &Atlas, lang: Lang, ending: &Ending) -> Markup {
    let facility = &ending.entry.facility;
    let left = match (lang, ending.days_left) {
        (Lang::Zh, 0) => "今天到期".to_owned(),
        (Lang::Zh, days @ 1..) => format!("还有 {days} 天"),
        (Lang::Zh, days) => format!("已过期 {} 天", -days),
        (Lang::En, 0) => "ends today".to_owned(),
        (Lang::En, days @ 1..) => format!("{days} days"),
        (Lang::En, days) => format!("ended {} days ago", -days),
    };
    html! {
        tr {
            th scope="row" { a href=(format!("/f/{}", facility.id)) lang="zh-CN" { (facility.name) } }
            td data-label=(lang.say("等级或证照", "Rating or licence")) { @match &ending.paper {
                Paper::Rating(rating) => (words::rating_level(atlas, lang, rating)),
                Paper::Licence(licence) => {
                    (dossier::licence_type(atlas, lang, &licence.r#type))
                    @if let Some(number) = &licence.number { " " (number) }
                },
            } }
            td data-label=(lang.say("最后一天", "Last day")) { span.number { (words::day(lang, ending.last_day)) } }
            td data-label=(lang.say("还有多久", "Time left")) { @if ending.days_left < 0 { strong { (left) } } @else { (left) } }
        }
    }
}
