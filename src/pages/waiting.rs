//! Waiting for a job: how far it is, a reload, a reload by itself, and an end to it. Whole without a script.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::plan_tabs;
use super::sign_in::see;
use crate::analysis::siting::News;
use crate::http::frame::{Address, Frame};
use crate::http::jobs::{Ended, Job};
use crate::http::who::{DOOR, SEAL, check_seal, door, private_cookie, seal, seal_of};
use crate::http::{App, Lang, Parameters, Problem, views};

/// What ends within this time is answered at once; else the page shows how far it is.
const AT_ONCE: Duration = Duration::from_secs(3);
/// The parameter of a page that reloads by itself.
pub const REFRESH: &str = "refresh";

/// How it ended, where it did so soon enough.
pub async fn soon(job: &Job) -> Option<Ended> {
    actix_web::rt::time::timeout(AT_ONCE, job.end()).await.ok()
}

/// Whether the page shall reload by itself.
pub fn refreshed(parameters: &mut Parameters) -> bool {
    parameters.word(REFRESH, |word| (word == "on").then_some(true), &["on"]).unwrap_or(false)
}

/// A page that waits for a job.
pub struct Waiting {
    pub job: Arc<Job>,
    pub refresh: bool,
    /// The page without what it waits for, where one goes who ends the job.
    pub back: Address,
    /// The part of the page where the answer will stand.
    pub anchor: &'static str,
    /// The seal of the form, and the cookie that it is bound to where the browser has none yet.
    sealed: (String, Option<String>),
}

impl Waiting {
    pub fn new(request: &HttpRequest, job: Arc<Job>, refresh: bool, back: Address, anchor: &'static str) -> Waiting {
        // A signed-in browser is known by its session; another gets a cookie for this form.
        let held = seal_of(request);
        let sealed = if held.is_empty() {
            let secret = door();
            (seal(&secret), Some(secret))
        } else {
            (held, None)
        };
        Waiting { job, refresh, back, anchor, sealed }
    }

    /// How far it is. `found` is what is known so far.
    pub fn show(&self, lang: Lang, here: &Address, found: &Markup) -> Markup {
        let news = self.job.news();
        let plain = here.clone().without(&[REFRESH]);
        let there = |address: &Address| format!("{address}#{}", self.anchor);
        html! {
            p.status role="status" { (stage(lang, &news)) " "
                @if let Some((done, of)) = news.steps { @if of > 1 { (lang.say("已完成 ", "")) span.number { (done) } (lang.say("，共 ", " of ")) span.number { (of) } (lang.say(" 步。", " steps are done.")) " " progress value=(done) max=(of) aria-label=(lang.say("进度", "Progress")) {} " " } }
                (lang.say("已用 ", "So far ")) span.number { (self.job.watch.spent().round()) } (lang.say(" 秒，最多 ", " s of at most ")) span.number { (self.job.watch.seconds()) } (lang.say(" 秒。", " s.")) }
            (found)
            p.quiet { (lang.say("请隔一会儿回来看。一分钟没有人来看，计算就会停止。", "Come back now and then: it stops when nobody has looked for a minute.")) }
            div.buttons {
                a.button href=(there(&plain)) { (lang.say("看看好了没有", "See whether it is done")) }
                @if self.refresh { a.button.second href=(there(&plain)) { (lang.say("不再自动刷新", "Stop reloading by itself")) } }
                @else { a.button.second href=(there(&plain.clone().with(REFRESH, "on"))) { (lang.say("每 3 秒自动刷新", "Reload by itself every 3 s")) } }
            }
            form method="post" action="/plan/stop" {
                input type="hidden" name=(SEAL) value=(self.sealed.0);
                input type="hidden" name="job" value=(self.job.id);
                input type="hidden" name="back" value=(self.back);
                button.second type="submit" { (lang.say("停止计算", "Stop the search")) }
            }
        }
    }

    /// A page of its own, for a question that waits for a past day to be drawn. `tab` is the question's.
    pub async fn past(
        app: &web::Data<App>,
        request: &HttpRequest,
        (at, refresh): (Option<DateTime<Utc>>, bool),
        tab: &'static str,
    ) -> Result<Option<HttpResponse>, Problem> {
        let Some(at) = at else { return Ok(None) };
        let Some(job) = views::past(app, app.client(request).await, at)? else { return Ok(None) };
        match soon(&job).await {
            Some(Ok(_)) => return Ok(None),
            Some(Err(failure)) => return Err(failure.problem()),
            None => {}
        }
        let lang = Lang::of(request);
        let title = lang.say("正在还原那一天的登记簿", "Drawing the record of that day");
        let mut frame = Frame::new(app, request, title);
        frame.wide = true;
        let waiting = Waiting::new(request, job, refresh, Address::new(tab), "result");
        let mut response = frame.answer(html! {
            (plan_tabs::tabs(lang, tab))
            h1 id="result" { (title) }
            (waiting.show(lang, &Address::of(request), &html! {}))
        });
        waiting.dress(app, request, &mut response);
        Ok(Some(response))
    }

    /// The page as an answer: nobody keeps it, and where that is wished the browser asks again.
    pub fn dress(&self, app: &App, request: &HttpRequest, response: &mut HttpResponse) {
        if let Some(secret) = &self.sealed.1 {
            // A cookie that cannot be written only costs the button.
            let _ = response.add_cookie(&private_cookie(app, request, DOOR, secret.clone()));
        }
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        if self.refresh {
            response.headers_mut().insert(header::REFRESH, header::HeaderValue::from_static("3"));
        }
    }
}

/// Ends a job that somebody waits for.
pub async fn stop(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of_body(&body, &["job", "back"]);
    let (told, job, back) = (read.text(SEAL), read.text("job"), read.text("back"));
    check_seal(&request, told.as_deref())?;
    read.finish()?;
    if let Some(job) = job.and_then(|id| app.jobs.find(&id)) {
        app.jobs.remove(&job);
    }
    let back = back.filter(|back| back == "/plan" || back.starts_with("/plan?") || back.starts_with("/plan/"));
    Ok(see(&Address::read(&back.unwrap_or_else(|| "/plan".to_owned()))))
}

fn stage(lang: Lang, news: &News) -> &'static str {
    match news.stage {
        "waiting" => lang.say("前面还有别的计算，正在排队。", "Other searches come first."),
        "gathering" if news.steps.is_some() => lang.say("正在读登记簿、计算。", "Reading the record and calculating."),
        "gathering" => lang.say("正在收集人口、候选点和现有机构。", "Gathering people, candidates and facilities."),
        "greedy" => lang.say("正在一个一个地挑。", "Choosing one after the other."),
        "bound" => lang.say("正在算最好能好到什么程度。", "Finding out how good any plan could be."),
        "interchange" => lang.say("正在一个一个地换，看能不能更好。", "Swapping sites for better ones."),
        "exact" => lang.say("正在证明有没有更好的。", "Proving whether anything is better."),
        _ => lang.say("快好了。", "Nearly done."),
    }
}
