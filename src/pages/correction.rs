//! A visitor says what is wrong with a facility's page; somebody of the bureau has seen to it.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};
use uuid::Uuid;

use super::sign_in::{doored, sealed, see, somebody};
use super::words;
use crate::care::correction::{Correction, LONGEST_PHONE, LONGEST_SAID, Subject};
use crate::care::{Deed, Facility, Ground, Text};
use crate::http::client::peer;
use crate::http::frame::{self, Address, Frame};
use crate::http::named::named;
use crate::http::who::{SEAL, allow, check_seal, ground};
use crate::http::{App, Code, Lang, Parameters, Problem};
use crate::registry::{NewCorrection, Received};

/// What was typed into the form.
#[derive(Default)]
struct Typed {
    subject: Option<Subject>,
    said: String,
    phone: String,
}

impl Typed {
    /// What is still missing or too long, and where.
    fn wrong(&self, lang: Lang) -> Option<(&'static str, &'static str)> {
        if self.subject.is_none() {
            return Some(("subject-closed", lang.say("请选哪里不对。", "Choose what is wrong.")));
        }
        if self.subject == Some(Subject::Other) && self.said.is_empty() {
            return Some(("said", lang.say("请写一下哪里不对。", "Say what is wrong.")));
        }
        if self.said.chars().count() > LONGEST_SAID {
            return Some(("said", lang.say("写得太长了，请在 1000 字以内。", "Too long: at most 1000 characters.")));
        }
        let digits = self.phone.chars().filter(char::is_ascii_digit).count();
        if !self.phone.is_empty() && (digits < 5 || self.phone.chars().count() > LONGEST_PHONE) {
            return Some((
                "phone",
                lang.say(
                    "电话好像不对，请再看一下，也可以不填。",
                    "This does not look like a phone number; it may be left empty.",
                ),
            ));
        }
        None
    }
}

pub fn subject(lang: Lang, subject: Subject) -> &'static str {
    match subject {
        Subject::Closed => lang.say("已经关门，或者找不到", "It has closed, or is not there"),
        Subject::Phone => lang.say("电话不对", "The phone number is wrong"),
        Subject::Address => lang.say("地址或位置不对", "The address or the place is wrong"),
        Subject::Hours => lang.say("开放时间不对", "The hours are wrong"),
        Subject::Price => lang.say("价格不对", "The price is wrong"),
        Subject::Capacity => lang.say("空余数字不对", "The free places are wrong"),
        Subject::Other => lang.say("别的", "Something else"),
    }
}

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["sent"]);
    let sent = parameters.text("sent").is_some();
    parameters.finish()?;
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    if !sent {
        return Ok(page(&app, &request, facility, StatusCode::OK, &Typed::default(), None));
    }
    let lang = Lang::of(&request);
    let mut frame = Frame::new(&app, &request, lang.say("谢谢", "Thank you"));
    frame.demo = facility.demo;
    Ok(frame.answer_private(StatusCode::OK, html! {
        h1 { (lang.say("谢谢，已经收到", "Thank you, it has arrived")) }
        p { (lang.say("民政部门会核对。核对之前，页面不会变。", "The bureau will look into it. Until then the page stays as it is.")) }
        p { a.button href=(format!("/f/{}", facility.id)) { (lang.say("回到 ", "Back to ")) (words::told(&facility.name)) } }
    }))
}

fn page(
    app: &App,
    request: &HttpRequest,
    facility: &Facility,
    status: StatusCode,
    typed: &Typed,
    error: Option<(&str, &str)>,
) -> HttpResponse {
    let lang = Lang::of(request);
    let title = lang.say("信息有误？告诉我们", "Something wrong? Tell us");
    let title_of = error.map_or(title.to_owned(), |(_, error)| format!("{error} - {title}"));
    let mut frame = Frame::new(app, request, title_of);
    frame.demo = facility.demo;
    let (seal, door) = doored(app, request);
    let mut response = frame.answer_private(status, html! {
        p.crumbs { a href=(format!("/f/{}", facility.id)) { (words::told(&facility.name)) } }
        h1 { (title) }
        @if let Some((at, error)) = error { div.notice role="alert" { h2 { (lang.say("还没有发出", "Not sent yet")) } p { a href=(format!("#{at}")) { (error) } } } }
        form method="post" action=(format!("/f/{}/report", facility.id)) {
            (seal)
            fieldset.field { legend { (lang.say("哪里不对？", "What is wrong?")) }
                div.tiles { @for one in Subject::ALL {
                    label.tile { input id=(format!("subject-{}", one.code())) type="radio" name="subject" value=(one.code()) checked[typed.subject == Some(one)]; span { (subject(lang, one)) } } } } }
            div.field { label for="said" { (lang.say("正确的是什么？（可不填）", "What is right? (optional)")) }
                textarea id="said" name="said" rows="4" { (typed.said) } }
            div.field { label for="phone" { (lang.say("您的电话（可不填，只用来回电核对）", "Your phone (optional, only to call you back)")) }
                input id="phone" name="phone" type="tel" inputmode="tel" autocomplete="tel" value=(typed.phone); }
            button.full type="submit" { (lang.say("发送", "Send")) }
        }
        p.quiet { (lang.say("核对完，您的电话就会删掉。", "Your number is deleted once it has been looked into.")) }
    });
    if let Some(door) = door {
        // cannot fail: the name is a word and the value is hexadecimal.
        response.add_cookie(&door).expect("a sound cookie");
    }
    response
}

pub async fn take(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &["subject", "said", "phone"]);
    let codes = Subject::ALL.map(Subject::code);
    let typed = Typed {
        subject: parameters.word("subject", Subject::from_code, &codes),
        said: parameters.text("said").unwrap_or_default(),
        phone: parameters.text("phone").unwrap_or_default(),
    };
    let told = parameters.text(SEAL);
    parameters.finish()?;
    check_seal(&request, told.as_deref())?;
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    let lang = Lang::of(&request);
    let (Some(subject), None) = (typed.subject, typed.wrong(lang)) else {
        return Ok(page(&app, &request, facility, StatusCode::UNPROCESSABLE_ENTITY, &typed, typed.wrong(lang)));
    };
    let some = |text: &str| (!text.is_empty()).then(|| Text::from(text));
    let new = NewCorrection { facility: facility.id, subject, said: some(&typed.said), phone: some(&typed.phone) };
    match app.registry.correct(new, &peer(&app, &request).to_string()).await? {
        Received::Taken => Ok(see(&Address::new(format!("/f/{}/report", facility.id)).with("sent", 1))),
        Received::TooMany(wait) => {
            // Whoever waits as long as they are told is let in.
            let seconds = wait.num_milliseconds().max(1).unsigned_abs().div_ceil(1000);
            let minutes = seconds.div_ceil(60);
            let said = match lang {
                Lang::Zh => format!("这里发来的太多了，请过 {minutes} 分钟再发；着急请打电话。"),
                Lang::En => {
                    format!("Too many came from here. Send it again in {minutes} minutes; if it is urgent, call.")
                }
            };
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut response = page(&app, &request, facility, status, &typed, Some(("said", &said)));
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
            Ok(response)
        }
    }
}

/// What a correction is about, as rights see it.
pub fn ground_of(app: &App, correction: &Correction) -> Ground {
    let atlas = app.atlas();
    let gone = Ground { facility: Some(correction.facility), regions: Vec::new() };
    atlas.facility(correction.facility).map_or(gone, |entry| ground(&atlas, &entry.facility))
}

/// Them on the desk, each with the button that says that it was seen to.
pub fn listed(app: &App, request: &HttpRequest, lang: Lang, waiting: &[(Correction, bool)]) -> Markup {
    let atlas = app.atlas();
    html! {
        ul.list { @for (correction, mine) in waiting { li.item {
            h3 { @match atlas.facility(correction.facility) { Some(entry) => a href=(format!("/f/{}", correction.facility)) { (words::told(&entry.facility.name)) }, None => (lang.say("已撤下的机构", "a withdrawn facility")) } }
            p { strong { (subject(lang, correction.subject)) } (lang.say("，", ", ")) (frame::day_and_age(lang, correction.at, app)) }
            @if let Some(said) = &correction.said { p { (words::told(said)) } }
            @if let Some(phone) = &correction.phone { p { (lang.say("回电：", "Call back: ")) (frame::telephone(phone)) } }
            @if *mine { div.buttons {
                form method="post" action=(format!("/desk/corrections/{}", correction.id)) { (sealed(request))
                    button.full.second type="submit" { (lang.say("已处理", "Done")) } }
                a.button.second href=(format!("/f/{}/edit", correction.facility)) { (lang.say("改资料", "Edit")) }
            } }
        } } }
    }
}

pub async fn done(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &[]);
    let told = parameters.text(SEAL);
    parameters.finish()?;
    let who = match somebody(&app, &request, &Address::new("/desk")).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    check_seal(&request, told.as_deref())?;
    let unknown = || Problem::new(Code::NotFound, "There is no such correction.");
    let number: Uuid = id.parse().map_err(|_| unknown())?;
    let correction = app.registry.correction(number).await?.ok_or_else(unknown)?;
    allow(&who, Deed::Register, &ground_of(&app, &correction))?;
    app.registry.correction_done(number, &who.actor()).await?;
    Ok(see(&Address::new("/desk")))
}
