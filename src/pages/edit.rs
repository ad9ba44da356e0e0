//! Changing a facility's facts: fill in, check, save. What is live stands at once; the rest goes to the bureau.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::my::field;
use super::sign_in::{sealed, see, somebody};
use super::words;
use crate::care::fields::{self, FIELDS, Field, Speed, Wishes};
use crate::care::{Deed, Facility, Status, Text, Who};
use crate::http::frame::{Address, Frame};
use crate::http::named::named;
use crate::http::review::two_speeds;
use crate::http::who::{SEAL, allow, check_seal, ground, ground_of_region};
use crate::http::{App, Code, Lang, Parameters, Problem};
use crate::registry::RegistryError;

/// Fields that have a form here; place, kind and ratings need more than a line of text.
const LINES: [&str; 9] = ["phone", "hours", "services", "note", "name", "address", "operator", "ownership", "region"];
const PRICE: [&str; 3] = ["price_min", "price_max", "price_unit"];

/// A field as a line of text.
fn line(facility: &Facility, name: &str) -> String {
    let price = facility.price.as_deref();
    let value = match name {
        "price_min" => json!(price.and_then(|price| price.min)),
        "price_max" => json!(price.and_then(|price| price.max)),
        "price_unit" => json!(price.map(|price| &price.unit)),
        name => fields::value(facility, name),
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("；"),
        other => other.to_string(),
    }
}

/// Lines of text as the wishes that they mean. A line that is empty says that nothing is known.
fn wishes(lines: &[(&str, String)]) -> Wishes {
    let mut wishes = Wishes::new();
    let mut price = Wishes::new();
    for (name, text) in lines {
        let text = text.trim();
        let plain = if text.is_empty() { Value::Null } else { json!(text) };
        match *name {
            "services" => {
                let items: Vec<&str> =
                    text.split(['；', ';', '、']).map(str::trim).filter(|item| !item.is_empty()).collect();
                wishes.insert("services".to_owned(), json!(items));
            }
            "price_unit" => drop(price.insert("unit".to_owned(), plain)),
            "price_min" | "price_max" => {
                // What is no number goes on as it is: the field's own rule says what would be right.
                let number = text.parse::<f64>().map_or(plain, |number| json!(number));
                price.insert(name.trim_start_matches("price_").to_owned(), number);
            }
            name => drop(wishes.insert(name.to_owned(), plain)),
        }
    }
    if !price.is_empty() {
        wishes.insert("price".to_owned(), Value::Object(price));
    }
    wishes
}

fn label(lang: Lang, name: &str) -> &'static str {
    match name {
        "price_min" => lang.say("最低价（元）", "Lowest price (CNY)"),
        "price_max" => lang.say("最高价（元）", "Highest price (CNY)"),
        "price_unit" => lang.say("价格单位（month 月、meal 餐、day 天）", "Price for (month, meal, day)"),
        name => field(lang, name),
    }
}

fn field_of(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name || name.starts_with("price_") && field.name == "price")
}

/// All lines of the form.
fn names() -> Vec<&'static str> {
    [LINES.as_slice(), &PRICE].concat()
}

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &[LINES.as_slice(), &PRICE, &["saved", "asked"]].concat());
    let typed: Vec<_> = names().into_iter().filter_map(|name| Some((name, parameters.text(name)?))).collect();
    let (saved, asked) = (parameters.text("saved").is_some(), parameters.text("asked").is_some());
    parameters.finish()?;
    let back = typed.iter().fold(Address::new(format!("/f/{id}/edit")), |back, (name, text)| back.with(name, text));
    let who = match somebody(&app, &request, &back).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let lang = Lang::of(&request);
    let notice = html! {
        @if saved { div.notice role="status" { h2 { (lang.say("已保存", "Saved")) }
            @if asked { p { (lang.say("其中有的内容要等民政部门审核，结果在“我的”里看。", "Some of it waits for the bureau; the outcome will stand under “Mine”.")) } } } }
    };
    Ok(page(&app, &request, &who, facility, StatusCode::OK, &typed, notice))
}

fn page(
    app: &App,
    request: &HttpRequest,
    who: &Who,
    facility: &Facility,
    status: StatusCode,
    typed: &[(&str, String)],
    notice: Markup,
) -> HttpResponse {
    let lang = Lang::of(request);
    let bureau = who.may(Deed::Register, &ground(&app.atlas(), facility));
    let title = lang.say("改资料", "Edit");
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo;
    let input = |name: &'static str| {
        let held = line(facility, name);
        let value = typed.iter().find(|(typed, _)| *typed == name).map_or(&held, |(_, text)| text);
        let waits = !bureau && field_of(name).is_some_and(|field| field.speed == Speed::Reviewed);
        html! {
            div.field {
                label for=(name) { (label(lang, name)) @if waits { " " span.quiet { (lang.say("（需民政部门审核）", "(the bureau decides)")) } } }
                @if name == "hours" { p.hint { (lang.say("例如 ", "Such as ")) code { "Mo-Fr 08:00-17:30" } } }
                @if name == "services" { p.hint { (lang.say("用“；”隔开", "Separate with ；")) } }
                input id=(name) name=(name) type="text" value=(value) autocomplete="off";
                input type="hidden" name=(format!("was_{name}")) value=(held);
            }
        }
    };
    frame.answer_private(
        status,
        html! {
            p.crumbs { a href="/my" { (lang.say("返回", "Back")) } }
            h1 lang="zh-CN" { (facility.name) }
            (notice)
            (pause(request, lang, facility))
            form method="post" action=(format!("/f/{}/edit", facility.id)) {
                (sealed(request))
                input type="hidden" name="version" value=(facility.version);
                h2 { (lang.say("联系和时间", "Contact and hours")) }
                @for name in &LINES[..2] { (input(name)) }
                h2 { (lang.say("价格和服务", "Prices and services")) }
                @for name in PRICE.iter().chain(&LINES[2..4]) { (input(name)) }
                h2 { (lang.say("登记内容", "Registered facts")) }
                @for name in &LINES[4..] { (input(name)) }
                button.full type="submit" { (lang.say("下一步：核对", "Next: check")) }
            }
        },
    )
}

/// A temporary closure, and its end, by a button of its own.
fn pause(request: &HttpRequest, lang: Lang, facility: &Facility) -> Markup {
    let next = match facility.status {
        status if status.serving() => Some(("suspended", lang.say("临时停业", "Close for now"))),
        Status::Suspended => Some(("operating", lang.say("恢复营业", "Open again"))),
        _ => None,
    };
    html! {
        p { (lang.say("状态：", "Status: ")) strong { (words::status(lang, facility.status)) } }
        @if let Some((status, said)) = next {
            form method="post" action=(format!("/f/{}/edit", facility.id)) {
                (sealed(request))
                input type="hidden" name="version" value=(facility.version);
                input type="hidden" name="status" value=(status);
                input type="hidden" name="confirm" value="1";
                button.second type="submit" { (said) }
            }
        }
    }
}

/// Takes the form: first to be checked, then (`confirm`) to be saved.
pub async fn take(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let was: Vec<String> = names().into_iter().map(|name| format!("was_{name}")).collect();
    let own = ["version", "confirm", "clear", "status", "request_note"];
    let known: Vec<&str> = names().into_iter().chain(was.iter().map(String::as_str)).chain(own).collect();
    let mut parameters = Parameters::of_body(&body, &known);
    let version = parameters.number("version", 1..=i64::MAX, "version").unwrap_or_default();
    let (confirmed, told) = (parameters.text("confirm").is_some(), parameters.text(SEAL));
    let (note, status) = (parameters.text("request_note"), parameters.text("status"));
    let cleared = parameters.all("clear");
    let mut lines = Vec::new();
    for (name, was) in names().into_iter().zip(&was) {
        let (typed, was) = (parameters.text(name), parameters.text(was).unwrap_or_default());
        let clear = cleared.iter().any(|cleared| cleared == name);
        match typed {
            Some(text) if confirmed || text != was => lines.push((name, text)),
            None if clear || !confirmed && !was.is_empty() => lines.push((name, String::new())),
            _ => {}
        }
    }
    parameters.finish()?;
    let back = lines.iter().fold(Address::new(format!("/f/{id}/edit")), |back, (name, text)| back.with(name, text));
    let who = match somebody(&app, &request, &back).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    check_seal(&request, told.as_deref())?;
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let mut wishes = wishes(&lines);
    if let Some(status) = status {
        wishes.insert("status".to_owned(), json!(status));
    }
    let lang = Lang::of(&request);
    let refused = |said: Vec<String>| {
        let notice = html! { div.notice role="alert" { h2 { (lang.say("没有保存", "Not saved")) } ul { @for said in &said { li { (said) } } } } };
        page(&app, &request, &who, facility, StatusCode::UNPROCESSABLE_ENTITY, &lines, notice)
    };
    if wishes.is_empty() {
        return Ok(refused(vec![lang.say("什么也没有改。", "Nothing was changed.").to_owned()]));
    }
    if let Err(faults) = fields::with(facility, &wishes, atlas.vocabulary()) {
        let said = faults.iter().map(|fault| format!("{}: {}", field(lang, &fault.field), fault.detail));
        return Ok(refused(said.collect()));
    }
    if !confirmed {
        return Ok(check(&app, &request, facility, version, &lines, None));
    }
    let (live, asked) = two_speeds(&app, &who, facility, wishes.clone()).await?;
    if let (true, Some(region)) = (asked.is_empty(), wishes.get("region").and_then(Value::as_str)) {
        allow(&who, Deed::Register, &ground_of_region(&atlas, Some(region)))?;
    }
    let waits = !asked.is_empty();
    let vocabulary = atlas.vocabulary().clone();
    match app.registry.amend(facility.id, version, &who, live, asked, note.map(Text::from), vocabulary).await {
        Ok(amended) => {
            app.show_write(amended.written.seq).await;
            let done = Address::new(format!("/f/{}/edit", facility.id)).with("saved", 1);
            Ok(see(&if waits { done.with("asked", 1) } else { done }))
        }
        Err(RegistryError::Stale(current)) => {
            Ok(check(&app, &request, &current, current.version, &lines, Some(&current)))
        }
        Err(RegistryError::Rule { detail, .. }) => Ok(refused(vec![detail])),
        Err(error) => Err(error.into()),
    }
}

/// Old and new of each line before it is saved; where somebody was quicker, theirs and mine to choose from.
fn check(
    app: &App,
    request: &HttpRequest,
    facility: &Facility,
    version: i64,
    lines: &[(&str, String)],
    theirs: Option<&Facility>,
) -> HttpResponse {
    let lang = Lang::of(request);
    let title = match theirs {
        None => lang.say("请核对", "Please check"),
        Some(_) => lang.say("别人刚改过，请选一下", "Somebody else was quicker: please choose"),
    };
    let mut frame = Frame::new(app, request, format!("{title} - {}", facility.name));
    frame.demo = facility.demo;
    let status = if theirs.is_some() { Code::Stale.status() } else { StatusCode::OK };
    let shown =
        |text: &str| if text.is_empty() { lang.say("未登记", "not registered").to_owned() } else { text.to_owned() };
    let hidden = |name: &str, text: &str| {
        html! {
            @if text.is_empty() { input type="hidden" name="clear" value=(name); } @else { input type="hidden" name=(name) value=(text); }
        }
    };
    frame.answer_private(status, html! {
        h1 { (title) }
        p lang="zh-CN" { (facility.name) }
        form method="post" action=(format!("/f/{}/edit", facility.id)) {
            (sealed(request))
            input type="hidden" name="version" value=(version);
            input type="hidden" name="confirm" value="1";
            @for (name, mine) in lines {
                @let held = line(facility, name);
                @if theirs.is_some() && held != *mine && !held.is_empty() && !mine.is_empty() {
                    fieldset.field { legend { (label(lang, name)) }
                        div.tiles {
                            label.tile { input type="radio" name=(name) value=(held); (lang.say("对方的：", "Theirs: ")) (held) }
                            label.tile { input type="radio" name=(name) value=(mine) checked; (lang.say("我的：", "Mine: ")) (mine) }
                        } }
                } @else {
                    h2 { (label(lang, name)) }
                    p { (shown(&held)) " → " strong { (shown(mine)) } }
                    (hidden(name, mine))
                }
            }
            div.field { label for="request_note" { (lang.say("说明理由（给审核的人看，可不填）", "Reason, for whoever reviews (optional)")) }
                input id="request_note" name="request_note" type="text"; }
            button.full type="submit" { (lang.say("确认保存", "Save")) }
        }
        p { a href=(format!("/f/{}/edit", facility.id)) { (lang.say("不保存，返回", "Do not save; go back")) } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_mean_wishes_and_an_empty_line_means_unknown() {
        let lines = [("phone", String::new()), ("services", "助浴；助餐".to_owned()), ("price_min", "1200".to_owned())];
        let expected = json!({"phone": null, "services": ["助浴", "助餐"], "price": {"min": 1200.0}});
        assert_eq!(Value::Object(wishes(&lines)), expected);
    }
}
