//! Signing in and out: name and password, no puzzles; a wrong one slows the door down.

use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::interrupted;
use super::settings::own;
use crate::care::{Who, password};
use crate::http::client::{Client, peer};
use crate::http::frame::{Address, Frame};
use crate::http::who::{BROWSER, DOOR, SEAL, SESSION, check_seal, door, no_cookie, private_cookie, seal, seal_of};
use crate::http::{App, Code, Lang, Parameters, Problem};
use crate::registry::{Knock, RECOGNISED, Try};

/// No account has a longer name; those of former times may be longer than a new one's.
const LONGEST_NAME: usize = 200;

/// The hidden field that every form of a signed-in person carries.
pub fn sealed(request: &HttpRequest) -> Markup {
    html! { input type="hidden" name=(SEAL) value=(seal_of(request)); }
}

/// The seal of a form that needs nobody signed in, and the cookie that it is bound to where the browser has none.
pub fn doored(app: &App, request: &HttpRequest) -> (Markup, Option<Cookie<'static>>) {
    if request.cookie(SESSION).or_else(|| request.cookie(DOOR)).is_some() {
        return (sealed(request), None);
    }
    let new = door();
    let field = html! { input type="hidden" name=(SEAL) value=(seal(&new)); };
    (field, Some(private_cookie(app, request, DOOR, new)))
}

/// Who is signed in; whoever is not signs in first and comes back to `back`.
pub async fn somebody(app: &App, request: &HttpRequest, back: &Address) -> Result<Result<Who, HttpResponse>, Problem> {
    Ok(app.signed_in(request).await?.ok_or_else(|| see(&Address::new("/sign-in").with("back", back))))
}

/// Goes to another page of this site after a form was taken.
pub fn see(address: &Address) -> HttpResponse {
    see_text(&address.to_string())
}

fn see_text(address: &str) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, address));
    response.insert_header((header::CACHE_CONTROL, "no-store")).finish()
}

pub async fn form(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["back"]);
    let back = parameters.text("back");
    parameters.finish()?;
    Ok(page(&app, &request, StatusCode::OK, None, Back { there: back.as_deref(), typed: None }, ""))
}

/// Where to go after signing in, and what was typed there.
#[derive(Debug, Clone, Copy)]
pub struct Back<'a> {
    pub there: Option<&'a str>,
    /// The fields of a form that was interrupted.
    pub typed: Option<&'a str>,
}

/// The form is bound to this browser by a cookie of its own. A session that the browser holds stays with it until somebody
/// has signed in: only who still shows its secret can have it ended.
pub fn page(
    app: &App,
    request: &HttpRequest,
    status: StatusCode,
    error: Option<&str>,
    back: Back<'_>,
    name: &str,
) -> HttpResponse {
    let frame = Frame::new(app, request, "");
    let lang = frame.lang;
    let title = lang.say("登录", "Sign in");
    let mut frame = Frame::new(app, request, error.map_or(title.to_owned(), |error| format!("{error} - {title}")));
    frame.script = Some("password.js");
    let held = request.cookie(DOOR).map_or_else(door, |cookie| cookie.value().to_owned());
    let mut response = frame.answer_private(
        status,
        html! {
            h1 { (title) }
            @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有登录成功", "Not signed in")) } p { (error) } } }
            @else if back.typed.is_some() { p { (lang.say("请先登录。刚才填的内容会保留。", "Please sign in first. What you typed is kept.")) } }
            @else if back.there.is_some() { p { (lang.say("请先登录。", "Please sign in first.")) } }
            form method="post" action="/sign-in" {
                input type="hidden" name=(SEAL) value=(seal(&held));
                @if let Some(there) = back.there { input type="hidden" name="back" value=(there); }
                @if let Some(typed) = back.typed { input type="hidden" name="typed" value=(typed); }
                div.field { label for="name" { (lang.say("账号", "Name")) }
                    input id="name" name="name" type="text" value=(name) autocomplete="username" autocapitalize="none" spellcheck="false" required; }
                div.field { label for="password" { (lang.say("密码", "Password")) }
                    input id="password" name="password" type="password" autocomplete="current-password" required; }
                button.full type="submit" { (title) }
            }
            p.quiet { (lang.say("账号由民政部门开通。忘记密码，请联系开通账号的人。",
                                "Accounts are made by the bureau. If you forgot the password, ask whoever made yours.")) }
        },
    );
    // cannot fail: the name is a word and the value is hexadecimal.
    response.add_cookie(&private_cookie(app, request, DOOR, held)).expect("a sound cookie");
    response
}

fn too_long(lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("没有这么长的账号：最多 {LONGEST_NAME} 个字。"),
        Lang::En => format!("No account has so long a name: {LONGEST_NAME} characters at most."),
    }
}

pub async fn sign_in(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &["name", "password", "back", "typed"]);
    let (name, word) = (parameters.text("name").unwrap_or_default(), parameters.text("password").unwrap_or_default());
    let (back, typed, told) = (parameters.text("back"), parameters.text("typed"), parameters.text(SEAL));
    parameters.finish()?;
    let there = back.filter(|back| own(back));
    let back = Back { there: there.as_deref(), typed: typed.as_deref() };
    let door = request.cookie(DOOR).map(|cookie| seal(cookie.value()));
    if door.is_none() || door != told {
        check_seal(&request, told.as_deref())?;
    }
    let lang = Frame::new(&app, &request, "").lang;
    let wrong = || {
        let said =
            lang.say("账号或密码不对。请检查后再试。", "The name or the password is wrong. Check both and try again.");
        page(&app, &request, StatusCode::UNAUTHORIZED, Some(said), back, &name)
    };
    if name.chars().count() > LONGEST_NAME {
        return Ok(page(&app, &request, StatusCode::UNAUTHORIZED, Some(&too_long(lang)), back, ""));
    }
    let browser = request.cookie(BROWSER).map(|cookie| cookie.value().to_owned());
    let tried = Try { name: name.clone(), address: peer(&app, &request).to_string(), browser: browser.clone() };
    // Before the try is counted: whoever finds no room has not tried.
    let ticket = app.passwords.enter(Client::here())?;
    let counted = match app.registry.knock(tried).await? {
        Knock::Try(counted) => counted,
        Knock::Wait(wait) => {
            let seconds = (wait.num_milliseconds().max(1).unsigned_abs()).div_ceil(1000);
            let detail = match lang {
                Lang::Zh => format!("密码试错太多次了，请等 {seconds} 秒再试。"),
                Lang::En => format!("Too many wrong passwords. Wait {seconds} seconds and try again."),
            };
            let mut response = page(&app, &request, StatusCode::TOO_MANY_REQUESTS, Some(&detail), back, &name);
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
            return Ok(response);
        }
    };
    let known = app.registry.account(&name).await?;
    let hash = known.as_ref().and_then(|(_, hash)| hash.clone());
    // Tens of milliseconds of computing and 19 MiB each: not on a thread that answers, and few at a time.
    let place = ticket.place().await;
    let right = web::block(move || password::matches(hash.as_deref(), &word)).await;
    drop((place, ticket));
    let account = known.filter(|_| matches!(right, Ok(true))).map(|(id, _)| id);
    let Some(account) = account else { return Ok(wrong()) };
    app.registry.welcome(counted).await?;
    let device = app.registry.recognise_browser(account, browser).await?;
    let former = request.cookie(SESSION).map(|cookie| cookie.value().to_owned());
    let secret = app.registry.begin_session(account, former).await?;
    let mut response = match (back.there, back.typed) {
        (Some(there), Some(typed)) => interrupted::signed_in(&app, &request, there, typed),
        (there, _) => see_text(there.unwrap_or("/my")),
    };
    let mut known_again = private_cookie(&app, &request, BROWSER, device);
    known_again.set_max_age(Duration::days(RECOGNISED.num_days()));
    for cookie in [private_cookie(&app, &request, SESSION, secret), known_again, no_cookie(&app, &request, DOOR)] {
        // cannot fail: the names are words and the values are hexadecimal or empty.
        response.add_cookie(&cookie).expect("a sound cookie");
    }
    Ok(response)
}

/// Signs this browser out, or (`everywhere`) all of them.
pub async fn sign_out(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &["everywhere"]);
    let (everywhere, told) = (parameters.text("everywhere").is_some(), parameters.text(SEAL));
    parameters.finish()?;
    check_seal(&request, told.as_deref())?;
    let who = app.who(&request).await?;
    if let (true, Some(account)) = (everywhere, who.account) {
        app.registry.end_sessions(account).await?;
    } else if let Some(cookie) = request.cookie(SESSION) {
        app.registry.end_session(cookie.value()).await?;
    } else {
        return Err(Problem::new(Code::Unauthorized, "Nobody is signed in."));
    }
    let mut response = see(&Address::new("/"));
    // cannot fail: the name is a word and the value is empty.
    response.add_cookie(&no_cookie(&app, &request, SESSION)).expect("a sound cookie");
    Ok(response)
}
