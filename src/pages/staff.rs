//! Keeping the staff of a facility: caregivers, those who are certified, and the day on which they were counted.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::dossier::staffed;
use super::interrupted::{self, sender};
use super::keeping::{self, Kept, Typed, field};
use super::pieces::{self, Part, Pieces, Seen, choose};
use super::reading::not_yet;
use super::sign_in::{sealed, see, somebody};
use super::words;
use crate::care::{Deed, Facility};
use crate::http::frame::Address;
use crate::http::named::named;
use crate::http::parameters::plain_digits;
use crate::http::who::{allow, ground};
use crate::http::{App, Lang, Parameters, Problem};

fn names() -> Vec<String> {
    ["caregivers", "certified", "as_of"].map(str::to_owned).to_vec()
}

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["saved"]);
    let saved = parameters.text("saved").is_some();
    parameters.finish()?;
    let who = match somebody(&app, &request, &Address::new(format!("/f/{id}/staff"))).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let lang = Lang::of(&request);
    let notice = if saved {
        keeping::saved(lang, false)
    } else {
        html! {}
    };
    Ok(page(&app, &request, facility, StatusCode::OK, (facility.version, &Typed::default()), &notice))
}

fn told(lang: Lang, facility: &Facility) -> Markup {
    html! { p { @match &facility.staff { Some(staff) => (staffed(lang, staff)), None => (words::unknown(lang)) } } }
}

fn page(
    app: &App,
    request: &HttpRequest,
    facility: &Facility,
    status: StatusCode,
    (seen, typed): (i64, &Typed),
    notice: &Markup,
) -> HttpResponse {
    let (lang, today) = (Lang::of(request), app.atlas().today());
    let held = facility.staff.as_deref().filter(|_| typed.is_empty());
    let kept = |name: &str, held: Option<u32>| {
        typed.get(name).map(str::to_owned).or_else(|| held.map(|number| number.to_string()))
    };
    let as_of = typed.get("as_of").map_or_else(|| today.to_string(), str::to_owned);
    let title = lang.say("护理人员", "Staff");
    let body = html! {
        @if typed.is_empty() { (told(lang, facility)) }
        form method="post" action=(format!("/f/{}/staff", facility.id)) {
            (sealed(request))
            input type="hidden" name="version" value=(seen);
            (field("caregivers", lang.say("护理员有多少人？", "How many caregivers are there?"), "number",
                   kept("caregivers", held.and_then(|held| held.caregivers)).as_deref()))
            (field("certified", lang.say("其中持证的有多少人？", "How many of them are certified?"), "number",
                   kept("certified", held.and_then(|held| held.certified)).as_deref()))
            (field("as_of", lang.say("哪一天的人数？", "Counted on which day?"), "date", Some(&as_of)))
            button.full type="submit" { (lang.say("保存", "Save")) }
        }
        p.hint { (lang.say("两项都不填，表示人数不清楚。", "Leave both empty where the numbers are not known.")) }
    };
    keeping::page(app, request, facility, status, title, notice, &body)
}

/// The staff as it was typed, or what is wrong with it.
fn wish(lang: Lang, typed: &Typed, today: NaiveDate) -> Result<Value, String> {
    let number = |name: &str| match typed.get(name) {
        None => Ok(None),
        Some(text) => plain_digits(text).parse::<u32>().map(Some).map_err(|_| match lang {
            Lang::Zh => format!("“{text}”不是人数：请填 0 或更大的整数。"),
            Lang::En => format!("\"{text}\" is no number of people: a whole number from 0 is."),
        }),
    };
    let (caregivers, certified) = (number("caregivers")?, number("certified")?);
    if let (Some(caregivers), Some(certified)) = (caregivers, certified)
        && certified > caregivers
    {
        return Err(match lang {
            Lang::Zh => format!("持证 {certified} 人超过了护理员 {caregivers} 人。"),
            Lang::En => format!("{certified} certified are more than the {caregivers} caregivers."),
        });
    }
    if caregivers.or(certified).is_none() {
        return Ok(Value::Null);
    }
    let day = typed.get("as_of").and_then(|day| day.parse::<NaiveDate>().ok());
    if day.is_some_and(|day| day > today) {
        return Err(not_yet(lang).to_owned());
    }
    Ok(json!({"caregivers": caregivers, "certified": certified, "as_of": typed.json("as_of")}))
}

pub async fn save(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let known = [names(), pieces::names()].concat();
    let mut parameters = Parameters::of_body(&body, &known.iter().map(String::as_str).collect::<Vec<_>>());
    let typed = Typed::read(&mut parameters, &names());
    let seen = Seen::read(&mut parameters);
    parameters.finish()?;
    let (who, again) = match sender(&app, &request, &body).await? {
        Ok(sender) => sender,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let lang = Lang::of(&request);
    let shown = |status, notice: &Markup| page(&app, &request, facility, status, (seen.version, &typed), notice);
    if again {
        return Ok(shown(StatusCode::FORBIDDEN, &interrupted::again(lang)));
    }
    let refused = |said: &str| Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, &keeping::refused(lang, said)));
    let wish = match wish(lang, &typed, atlas.today()) {
        Ok(wish) => wish,
        Err(said) => return refused(&said),
    };
    match keeping::keep(&app, &who, facility, &seen, &Figures, wish, None).await? {
        Kept::Saved { .. } => Ok(see(&Address::new(format!("/f/{}/staff", facility.id)).with("saved", 1))),
        Kept::Refused(said) => refused(&said),
        Kept::Overtaken(current, contests) => {
            choose(&app, &request, &Figures, &current, &seen, &contests, &typed, None).await
        }
    }
}

/// The staff figure by figure.
struct Figures;

const FIGURES: [&str; 3] = ["caregivers", "certified", "as_of"];

impl Part for Figures {
    const FIELD: &'static str = "staff";
    const WORD: &'static str = "staff";

    fn title(&self, lang: Lang) -> String {
        lang.say("护理人员", "Staff").to_owned()
    }

    fn apart(&self, whole: &Value) -> Pieces {
        FIGURES.map(|name| (name.to_owned(), whole.get(name).cloned().unwrap_or_default())).to_vec()
    }

    fn together(&self, _: &Facility, pieces: Pieces) -> Value {
        let counted = pieces.iter().any(|(name, _)| name != "as_of");
        if counted { Value::Object(pieces.into_iter().collect()) } else { Value::Null }
    }

    fn said(&self, app: &App, lang: Lang, key: &str, piece: &Value) -> (String, Markup) {
        let _ = app;
        let name = match key {
            "caregivers" => lang.say("护理员人数", "Caregivers"),
            "certified" => lang.say("其中持证的人数", "Of them certified"),
            _ => lang.say("哪一天的人数", "Counted on"),
        };
        let said = match piece {
            Value::Null => words::unknown(lang),
            Value::String(day) => day.parse().map_or_else(|_| html! { (day) }, |day| html! { (words::day(lang, day)) }),
            number => html! { (number.to_string()) },
        };
        (name.to_owned(), said)
    }
}
