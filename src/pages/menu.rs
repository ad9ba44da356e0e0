//! Keeping the menu of a facility, one day at a time.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::dossier::{meal_time, menu_day};
use super::interrupted::{self, sender};
use super::keeping::{self, Kept, Typed, field};
use super::objections;
use super::pieces::{self, Part, Pieces, Seen, choose};
use super::sign_in::{sealed, see, somebody};
use crate::atlas::Atlas;
use crate::care::{Deed, Facility, Meal, MealTime};
use crate::http::frame::Address;
use crate::http::named::named;
use crate::http::sight::day;
use crate::http::who::{allow, ground};
use crate::http::{App, Lang, Parameters, Problem};

/// How many days can be chosen, from today on.
const DAYS: usize = 7;

/// The rows of the form.
pub const MEALS: [Option<MealTime>; 4] =
    [Some(MealTime::Breakfast), Some(MealTime::Lunch), Some(MealTime::Dinner), None];

pub fn code(meal: Option<MealTime>) -> &'static str {
    meal.map_or("all", MealTime::code)
}

fn names() -> Vec<String> {
    let names = |meal| [format!("dishes_{}", code(meal)), format!("price_{}", code(meal))];
    MEALS.into_iter().flat_map(names).collect()
}

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["day", "saved"]);
    let (of, saved) = (day(&mut parameters, "day"), parameters.text("saved").is_some());
    parameters.finish()?;
    let back = of.iter().fold(Address::new(format!("/f/{id}/menu")), |back, day| back.with("day", day));
    let who = match somebody(&app, &request, &back).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let lang = Lang::of(&request);
    let of = of.unwrap_or_else(|| atlas.today());
    let notice = html! { @if saved { (keeping::saved(lang, false)) (onward(&atlas, lang, facility, of)) } };
    Ok(page(&app, &request, facility, of, StatusCode::OK, (facility.version, &Typed::default()), &notice))
}

/// After one day, the way to the next that is not filled in.
fn onward(atlas: &Atlas, lang: Lang, facility: &Facility, of: NaiveDate) -> Markup {
    let mut days = atlas.today().iter_days().take(DAYS).filter(|day| *day > of && of_day(facility, *day).is_empty());
    html! { @if let Some(next) = days.next() {
        p { a href=(Address::new(format!("/f/{}/menu", facility.id)).with("day", next)) {
            (lang.say("接着填：", "Go on with: ")) (menu_day(lang, next, atlas.today())) } }
    } }
}

/// The meals of one day.
fn of_day(facility: &Facility, day: NaiveDate) -> Vec<Meal> {
    facility.menu.iter().filter(|meal| meal.day == day).cloned().collect()
}

fn page(
    app: &App,
    request: &HttpRequest,
    facility: &Facility,
    of: NaiveDate,
    status: StatusCode,
    (seen, typed): (i64, &Typed),
    notice: &Markup,
) -> HttpResponse {
    let (lang, atlas) = (Lang::of(request), app.atlas());
    let held = of_day(facility, of);
    let serves = atlas.vocabulary().kind(&facility.kind).is_some_and(|kind| kind.serves_meals());
    let row = |meal: Option<MealTime>| {
        let held = held.iter().find(|held| held.meal == meal).filter(|_| typed.is_empty());
        let dishes = held.map(|held| held.dishes.iter().map(|dish| &**dish).collect::<Vec<_>>().join("、"));
        let price = held.and_then(|held| held.price).map(|price| price.to_string());
        let (dishes_of, price_of) = (format!("dishes_{}", code(meal)), format!("price_{}", code(meal)));
        let name = meal_time(lang, meal);
        let of = |zh: &str, en: &str| format!("{name}{}{}", lang.say("：", ": "), lang.say(zh, en));
        html! {
            (field(&dishes_of, &of("菜（用“、”隔开）", "dishes (、 or ; between)"), "text", typed.get(&dishes_of).or(dishes.as_deref())))
            (field(&price_of, &of("价格（元，可不填）", "price (CNY, optional)"), "number", typed.get(&price_of).or(price.as_deref())))
        }
    };
    let body = html! {
        @if !serves { p { (lang.say("这类机构没有登记供餐。", "A facility of this kind serves no meals.")) } }
        h2 { (menu_day(lang, of, atlas.today())) }
        form method="post" action=(format!("/f/{}/menu", facility.id)) {
            (sealed(request))
            input type="hidden" name="version" value=(seen);
            input type="hidden" name="day" value=(of);
            @for meal in MEALS { (row(meal)) }
            button.full type="submit" { (lang.say("保存这一天", "Save this day")) }
        }
        p.hint { (lang.say("不供的一餐就空着。过去的菜单不再显示。", "Leave a meal empty that is not served. Past days are no longer shown.")) }
        h2 id="days" { (lang.say("别的日子", "Other days")) }
        nav aria-labelledby="days" {
            ul.chips { @for day in atlas.today().iter_days().take(DAYS) {
                li { a href=(Address::new(format!("/f/{}/menu", facility.id)).with("day", day)) aria-current=[(day == of).then_some("date")] {
                    (menu_day(lang, day, atlas.today()))
                    @if !of_day(facility, day).is_empty() { (lang.say("（已填）", " (filled in)")) }
                } }
            } }
        }
    };
    keeping::page(app, request, facility, status, lang.say("菜单", "Menu"), notice, &body)
}

/// Dishes as they are typed on one line.
pub fn dishes(typed: &str) -> Vec<&str> {
    typed.split(['、', '；', ';', '，', ',']).map(str::trim).filter(|dish| !dish.is_empty()).collect()
}

/// The whole menu, with this day as it was typed.
fn wish(facility: &Facility, day: NaiveDate, typed: &Typed) -> Value {
    let mut menu: Vec<Value> = facility.menu.iter().filter(|meal| meal.day != day).map(|meal| json!(meal)).collect();
    for meal in MEALS {
        let Some(dishes) = typed.get(&format!("dishes_{}", code(meal))) else { continue };
        let (dishes, price) = (self::dishes(dishes), typed.number(&format!("price_{}", code(meal))));
        menu.push(json!({"day": day, "meal": meal, "dishes": dishes, "price": price}));
    }
    Value::Array(menu)
}

pub async fn save(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let known = [names(), pieces::names(), vec!["day".to_owned()]].concat();
    let mut parameters = Parameters::of_body(&body, &known.iter().map(String::as_str).collect::<Vec<_>>());
    let typed = Typed::read(&mut parameters, &names());
    let of = day(&mut parameters, "day");
    let seen = Seen::read(&mut parameters);
    parameters.finish()?;
    let (who, again) = match sender(&app, &request, &body).await? {
        Ok(sender) => sender,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, facility))?;
    let (lang, of) = (Lang::of(&request), of.unwrap_or_else(|| atlas.today()));
    let shown = |status, notice: &Markup| page(&app, &request, facility, of, status, (seen.version, &typed), notice);
    if again {
        return Ok(shown(StatusCode::FORBIDDEN, &interrupted::again(lang)));
    }
    let refused = |said: &str| Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, &keeping::refused(lang, said)));
    if let Some(said) = objections::of_menu(lang, &typed) {
        return refused(&said);
    }
    let day = Day(of);
    match keeping::keep(&app, &who, facility, &seen, &day, wish(facility, of, &typed), None).await? {
        Kept::Saved { .. } => {
            Ok(see(&Address::new(format!("/f/{}/menu", facility.id)).with("day", of).with("saved", 1)))
        }
        Kept::Refused(said) => refused(&said),
        Kept::Overtaken(current, contests) => {
            let typed = typed.and("day", of.to_string());
            choose(&app, &request, &day, &current, &seen, &contests, &typed, None).await
        }
    }
}

/// The menu of one day, meal by meal.
struct Day(NaiveDate);

impl Part for Day {
    const FIELD: &'static str = "menu";
    const WORD: &'static str = "menu";

    fn title(&self, lang: Lang) -> String {
        lang.say("菜单", "Menu").to_owned()
    }

    fn apart(&self, whole: &Value) -> Pieces {
        let meals = whole.as_array().map(Vec::as_slice).unwrap_or_default().iter();
        let of_day = meals.filter(|meal| meal["day"] == json!(self.0));
        of_day.map(|meal| (meal["meal"].as_str().unwrap_or("all").to_owned(), meal.clone())).collect()
    }

    fn together(&self, facility: &Facility, pieces: Pieces) -> Value {
        let others = facility.menu.iter().filter(|meal| meal.day != self.0).map(|meal| json!(meal));
        others.chain(pieces.into_iter().map(|(_, meal)| meal)).collect()
    }

    fn said(&self, app: &App, lang: Lang, key: &str, piece: &Value) -> (String, Markup) {
        let name = meal_time(lang, MealTime::from_code(key));
        let name = format!("{}{}{name}", menu_day(lang, self.0, app.atlas().today()), lang.say("，", ", "));
        let Ok(meal) = serde_json::from_value::<Meal>(piece.clone()) else {
            return (name, html! { (lang.say("不供", "none")) });
        };
        let dishes = meal.dishes.iter().map(|dish| &**dish).collect::<Vec<_>>().join("、");
        (
            name,
            html! { (dishes) @if let Some(price) = meal.price { (lang.say("，", ", ")) (price) (lang.say(" 元", " CNY")) } },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::draft::FacilityDraft;

    #[test]
    fn one_day_is_told_anew_and_the_others_stay() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let meal = |text: &str| Meal { day: day(text), meal: None, dishes: vec!["米饭".into()], price: None };
        let menu = vec![meal("2026-11-25"), meal("2026-11-26")];
        let facility = Facility { menu, ..FacilityDraft::default().create(Default::default()) };
        let mut typed = Parameters::of_body(
            "dishes_lunch=红烧肉、青菜&price_lunch=12.5".as_bytes(),
            &["dishes_lunch", "price_lunch"],
        );
        let typed = Typed::read(&mut typed, &names());
        let told = json!([
            {"day": "2026-11-26", "dishes": ["米饭"]},
            {"day": "2026-11-25", "meal": "lunch", "dishes": ["红烧肉", "青菜"], "price": 12.5},
        ]);
        assert_eq!(wish(&facility, day("2026-11-25"), &typed), told);
    }
}
