//! A kept row taken out with a reason: the row as it is, why, and the log keeps both.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::html;
use serde_json::json;
use uuid::Uuid;

use super::interrupted::sealed_sender;
use super::kept_form::{Sheet, asked, find, refused, region_of, text};
use super::sign_in::{sealed, see, somebody};
use super::words;
use crate::care::{Deed, Who};
use crate::http::frame::{Address, Frame};
use crate::http::who::{allow, ground_of_region};
use crate::http::{App, Code, Lang, Parameters, Problem};

/// Characters of a reason at most.
const LONGEST_REASON: usize = 500;

/// The row, where whoever asks may take it out; else the way to sign in.
async fn held<T: Sheet>(app: &App, request: &HttpRequest, id: &str) -> Result<Result<(Who, T), HttpResponse>, Problem> {
    let back = Address::new(format!("/plan/{}/{id}/remove", T::WORD));
    let who = match somebody(app, request, &back).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(Err(sign_in)),
    };
    let gone = || Problem::new(Code::NotFound, format!("There is no such {}.", T::ENTITY.code()));
    let row: T = find(app, id.parse::<Uuid>().map_err(|_| gone())?).await?;
    let atlas = app.atlas();
    allow(&who, Deed::Register, &ground_of_region(&atlas, Some(region_of(&atlas, &row))))?;
    Ok(Ok((who, row)))
}

pub async fn form<T: Sheet>(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    match held::<T>(&app, &request, &id).await? {
        Ok((_, row)) => Ok(page(&app, &request, &row, StatusCode::OK, "", None)),
        Err(sign_in) => Ok(sign_in),
    }
}

fn page<T: Sheet>(
    app: &App,
    request: &HttpRequest,
    row: &T,
    status: StatusCode,
    reason: &str,
    error: Option<&str>,
) -> HttpResponse {
    let lang = Lang::of(request);
    let atlas = app.atlas();
    let (name, whole) = (lang.say(T::NAME.0, T::NAME.1), json!(row));
    let title = match lang {
        Lang::Zh => format!("去掉这条{name}"),
        Lang::En => format!("Take out this {name}"),
    };
    let mut frame = Frame::new(app, request, &title);
    frame.demo = whole.get("demo").and_then(serde_json::Value::as_bool).unwrap_or(false);
    let home = Address::new(format!("/plan/{}", T::WORD)).with("region", row.region());
    frame.answer_private(status, html! {
        p.crumbs { a href=(home) { (lang.say("返回列表", "Back to the list")) } }
        h1 { (title) }
        @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有去掉", "Not taken out")) } p { a href="#reason" { (error) } } } }
        dl.facts { @for field in asked::<T>() { @let value = text(whole.get(field.name)); @if !value.is_empty() {
            dt { (lang.say(field.zh, field.en)) } dd { @match atlas.regions().get(&value).filter(|_| field.name == "region") { Some(region) => { (words::told(&region.name)) " " span.number { (value) } }, None => (words::told(&value)) } }
        } } }
        p { (lang.say("去掉后，报表和各页不再用它；变更记录里留着原来的内容和原因，过去某一天的报表也不变。",
                      "Reports and pages then no longer use it; the log keeps what it was and why, and the reports of past days stay as they were.")) }
        form method="post" action=(format!("/plan/{}/{}/remove", T::WORD, row.id())) {
            (sealed(request))
            input type="hidden" name="version" value=(row.version());
            div.field { label for="reason" { (lang.say("为什么去掉？（会记入变更记录）", "Why? (kept in the log)")) }
                input id="reason" name="reason" type="text" value=(reason) autocomplete="off" aria-invalid=[error.map(|_| "true")]; }
            button.full type="submit" { (lang.say("去掉", "Take out")) }
        }
    })
}

pub async fn take<T: Sheet>(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &["version", "reason"]);
    let version = parameters.number("version", 1..=i64::MAX, "version").unwrap_or_default();
    let reason = parameters.text("reason").unwrap_or_default();
    parameters.finish()?;
    if let Err(page) = sealed_sender(&app, &request, &body).await? {
        return Ok(page);
    }
    let (who, row) = match held::<T>(&app, &request, &id).await? {
        Ok(held) => held,
        Err(sign_in) => return Ok(sign_in),
    };
    let lang = Lang::of(&request);
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let said = lang.say("请写明原因（500 字以内）。", "Say why, in at most 500 characters.");
        return Ok(page(&app, &request, &row, StatusCode::UNPROCESSABLE_ENTITY, &reason, Some(said)));
    }
    match app.registry.remove_kept::<T>(row.id(), version, &reason, &who.actor()).await.map_err(Problem::from) {
        Ok(seq) => {
            app.show_write(seq).await;
            Ok(see(&Address::new(format!("/plan/{}", T::WORD)).with("region", row.region()).with("saved", 1)))
        }
        Err(problem) if problem.code == Code::Stale => {
            Ok(page(&app, &request, &row, problem.code.status(), &reason, Some(&refused(lang, &problem))))
        }
        Err(problem) => Err(problem),
    }
}
