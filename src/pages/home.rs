//! Home: start a search by typing, by choosing a district, or (with a script) by where one is.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::districts;
use crate::http::frame::{Address, Frame};
use crate::http::{App, Lang, Parameters, Problem};

/// The four choices: what to look for, as a category of the vocabulary.
pub const CHOICES: [(&str, &str, &str); 4] = [
    ("meals", "助餐点", "Meals"),
    ("residential", "养老院", "Care homes"),
    ("community", "日间照料", "Day care"),
    ("", "全部", "All"),
];

pub async fn home(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    Ok(page(&app, &request, None))
}

/// The page; with an error above the form where a search said nothing.
pub fn page(app: &App, request: &HttpRequest, error: Option<&str>) -> HttpResponse {
    let atlas = app.atlas();
    let said = Frame::new(app, request, "").lang.say("找附近的养老服务", "Find elderly care nearby");
    let title = error.map_or(said.to_owned(), |error| format!("{error} - {said}"));
    let mut frame = Frame::new(app, request, title);
    let lang = frame.lang;
    frame.demo = atlas.facilities().take(50).any(|entry| entry.facility.demo);
    frame.script = Some("locate.js");
    frame.answer(html! {
        h1 { (said) }
        @if let Some(error) = error {
            div.notice role="alert" { h2 { (lang.say("还差一步", "One thing is missing")) } p { a href="#q" { (error) } } }
        }
        (form(lang, None, "meals", error))
        h2 { (lang.say("或者选一个区", "Or choose a district")) }
        (districts::links(&atlas, lang, &Address::new("/search")))
        @if atlas.facility_count() == 0 { (empty(lang)) }
    })
}

/// The form: one field, one choice, one button.
pub fn form(lang: Lang, q: Option<&str>, category: &str, error: Option<&str>) -> Markup {
    html! {
        form id="find" action="/search" role="search" {
            div.field {
                label for="q" { (lang.say("您在哪里？", "Where are you?")) }
                p.hint id="q-hint" { (lang.say("地址、小区、街道或机构名称，例如：宿城区", "Address, place, street or facility, in Chinese or pinyin, such as: sucheng")) }
                input id="q" name="q" type="text" value=[q] autocomplete="street-address" aria-describedby="q-hint"
                      aria-invalid=[error.map(|_| "true")];
            }
            fieldset.field {
                legend { (lang.say("要找什么？", "What do you need?")) }
                div.tiles {
                    @for (code, zh, en) in CHOICES {
                        label.tile { input type="radio" name="category" value=(code) checked[code == category]; (lang.say(zh, en)) }
                    }
                }
            }
            div.field { button.full type="submit" { (lang.say("查找", "Search")) } }
        }
    }
}

fn empty(lang: Lang) -> Markup {
    html! {
        div.notice { p { (lang.say("登记库里还没有机构。管理员导入数据之后，这里就能查找。",
                                   "The registry holds no facilities yet. Once data is imported, they can be found here.")) } }
    }
}
