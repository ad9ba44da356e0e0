//! The form of a kept row (target, programme figure, claim): its fields as inputs, read back, and the row kept.

use std::collections::BTreeMap;
use std::future::Future;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};
use serde_json::{Value, json};
use uuid::Uuid;

use super::interrupted::sealed_sender;
use super::sign_in::{sealed, see};
use super::{districts, words};
use crate::atlas::Atlas;
use crate::care::kept::{Given, KeptField, Sort, with};
use crate::care::{Deed, Ground, Kept, Role, Text, Who};
use crate::http::frame::Address;
use crate::http::who::{allow, ground_of_region};
use crate::http::{App, Code, Lang, Parameters, Problem, filter};

/// Codes and words to choose from, under a heading.
pub type Choices = Vec<(&'static str, Vec<(String, String)>)>;

/// A sort of row that has a page.
pub trait Sheet: Kept {
    /// The page, and the list in the API: `targets`.
    const WORD: &'static str;
    /// What one of them is called, in Chinese and English.
    const NAME: (&'static str, &'static str);

    /// What may stand in a field that is chosen and not written; empty where it is written.
    fn choices(name: &str, lang: Lang, atlas: &Atlas, now: &str) -> Choices;

    /// What a reader must know to fill in a field.
    fn hint(name: &str, lang: Lang) -> Option<&'static str>;

    /// The page with the rows of a region and year, and the form as it was typed.
    fn page(
        app: &App,
        request: &HttpRequest,
        asked: Asked,
        status: StatusCode,
        typed: &Typed,
        saved: bool,
    ) -> impl Future<Output = Result<HttpResponse, Problem>>;
}

/// The rows that a page shows.
pub type Asked = (Option<Text>, Option<i32>);

/// What the form shows: the row that is changed, or a new one, as it was typed.
#[derive(Default)]
pub struct Typed {
    pub id: Option<Uuid>,
    pub version: i64,
    pub fields: BTreeMap<&'static str, String>,
    pub error: Option<String>,
}

impl Typed {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// A value of a row as it would be typed.
pub fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.as_f64().map_or(String::new(), |number| number.to_string()),
        _ => String::new(),
    }
}

/// The fields that a form asks for: nobody types that something is invented.
pub fn asked<T: Kept>() -> impl Iterator<Item = &'static KeptField> {
    T::FIELDS.iter().filter(|field| field.sort != Sort::Flag)
}

fn names<T: Kept>(more: &[&'static str]) -> Vec<&'static str> {
    asked::<T>().map(|field| field.name).chain(more.iter().copied()).collect()
}

/// A row by its id.
pub async fn find<T: Kept>(app: &App, id: Uuid) -> Result<T, Problem> {
    let all: Vec<T> = app.registry.kept(None).await?;
    let found = all.into_iter().find(|row| row.id() == id);
    found.ok_or_else(|| Problem::new(Code::NotFound, format!("There is no such {}.", T::ENTITY.code())))
}

/// The region that a row is of, as it is called now.
pub fn region_of<'a, T: Kept>(atlas: &'a Atlas, row: &'a T) -> &'a Text {
    atlas.successor(row.region()).unwrap_or_else(|| row.region())
}

/// Whether somebody keeps rows somewhere.
pub fn keeps(who: &Who) -> bool {
    let own = Ground { facility: None, regions: who.region.iter().cloned().collect() };
    matches!(who.role, Role::Bureau | Role::Admin | Role::Operator) && who.may(Deed::Register, &own)
}

/// The page: the rows of a region and year; with `id` that row to be changed, else what the address says of a new one.
pub async fn shown<T: Sheet>(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut known = names::<T>(&["id", "saved"]);
    known.extend((!known.contains(&"year")).then_some("year"));
    let mut parameters = Parameters::of_form(&request, &known);
    let region = filter::region(&mut parameters, "region", &app.atlas());
    let year = parameters.number("year", 1949..=2199, "year");
    let id = parameters.word("id", |text| text.parse::<Uuid>().ok(), &["the id of a row"]);
    let saved = parameters.text("saved").is_some();
    let own = asked::<T>().map(|field| field.name).filter(|name| !["region", "year"].contains(name));
    let mut fields: BTreeMap<_, _> = own.map(|name| (name, parameters.text(name).unwrap_or_default())).collect();
    parameters.finish()?;
    fields.insert("region", region.as_deref().unwrap_or_default().to_owned());
    let typed = match id {
        None => Typed { fields, ..Typed::default() },
        Some(id) => {
            let row: T = find(&app, id).await?;
            let whole = json!(row);
            let fields = asked::<T>().map(|field| (field.name, text(whole.get(field.name)))).collect();
            Typed { id: Some(id), version: row.version(), fields, error: None }
        }
    };
    T::page(&app, &request, (region, year), StatusCode::OK, &typed, saved).await
}

/// Keeps what was typed.
pub async fn save<T: Sheet>(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let home = Address::new(format!("/plan/{}", T::WORD));
    let who = match sealed_sender(&app, &request, &body).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let mut parameters = Parameters::of_body(&body, &names::<T>(&["id", "version"]));
    let id = parameters.word("id", |text| text.parse::<Uuid>().ok(), &["the id of a row"]);
    let version = parameters.number("version", 1..=i64::MAX, "version").unwrap_or_default();
    let fields: BTreeMap<&'static str, String> =
        asked::<T>().map(|field| (field.name, parameters.text(field.name).unwrap_or_default())).collect();
    parameters.finish()?;
    let atlas = app.atlas();
    let region = fields.get("region").cloned().unwrap_or_default();
    allow(&who, Deed::Register, &ground_of_region(&atlas, Some(&region)))?;
    let before: Option<T> = match id {
        None => None,
        Some(id) => Some(find(&app, id).await?),
    };
    if let Some(held) = &before {
        allow(&who, Deed::Register, &ground_of_region(&atlas, Some(region_of(&atlas, held))))?;
    }
    let mut typed = Typed { id, version, fields, error: None };
    let lang = Lang::of(&request);
    let asked = (Some(Text::from(region)), None);
    let row = match with(before.as_ref(), &given::<T>(&typed.fields), atlas.vocabulary()) {
        Ok(row) => row,
        Err(faults) => {
            let name = |code: &str| {
                let field = T::FIELDS.iter().find(|field| field.name == code);
                field.map_or(code.to_owned(), |field| lang.say(field.zh, field.en).to_owned())
            };
            let said: Vec<String> =
                faults.iter().map(|fault| format!("{}: {}", name(&fault.field), fault.detail)).collect();
            typed.error = Some(said.join("; "));
            return T::page(&app, &request, asked, StatusCode::UNPROCESSABLE_ENTITY, &typed, false).await;
        }
    };
    match app.registry.keep(row, id.map(|_| version), &who.actor()).await.map_err(Problem::from) {
        Ok((row, seq)) => {
            app.show_write(seq).await;
            Ok(see(&home.with("region", row.region()).with("saved", 1)))
        }
        Err(problem) if matches!(problem.code, Code::Stale | Code::Conflict | Code::Rule) => {
            typed.error = Some(refused(lang, &problem));
            T::page(&app, &request, asked, problem.code.status(), &typed, false).await
        }
        Err(problem) => Err(problem),
    }
}

/// Why a row was not written, for people.
pub fn refused(lang: Lang, problem: &Problem) -> String {
    match problem.code {
        Code::Stale => lang.say(
            "这一条刚被别人改过。请打开最新的内容，再决定一次。",
            "Somebody changed this row just now. Open it anew and decide again.",
        ),
        Code::Conflict => {
            lang.say("已经有这一条，请在表里点“修改”。", "There is such a row already: use Change in the table.")
        }
        _ => &problem.detail,
    }
    .to_owned()
}

/// What was typed, as fields: an empty line says that nothing is known; what is no number goes on as it is, to be refused.
fn given<T: Kept>(fields: &BTreeMap<&'static str, String>) -> Given {
    let value = |sort: Sort, text: &str| match sort {
        _ if text.is_empty() => Value::Null,
        Sort::Year => text.parse::<i64>().map_or(json!(text), |year| json!(year)),
        Sort::Number => text.parse::<f64>().map_or(json!(text), |number| json!(number)),
        _ => json!(text),
    };
    let each = asked::<T>().filter_map(|field| Some((field, fields.get(field.name)?)));
    each.map(|(field, text)| (field.name.to_owned(), value(field.sort, text))).collect()
}

/// The form.
pub fn form<T: Sheet>(atlas: &Atlas, request: &HttpRequest, lang: Lang, typed: &Typed) -> Markup {
    let name = lang.say(T::NAME.0, T::NAME.1);
    html! {
        section.block {
            h2 id="row" { @if typed.id.is_some() { (lang.say("修改", "Change the ")) } @else { (lang.say("登记", "Register a ")) } (name) }
            @if let Some(error) = &typed.error { div.notice role="alert" { h2 { (lang.say("没有保存", "Not saved")) } p { (error) } } }
            form.panel method="post" action=(format!("/plan/{}", T::WORD)) {
                (sealed(request))
                @if let Some(id) = typed.id {
                    input type="hidden" name="id" value=(id);
                    input type="hidden" name="version" value=(typed.version);
                }
                div.grid { @for known in asked::<T>() { (field::<T>(atlas, lang, known, typed.field(known.name))) } }
                button type="submit" { (lang.say("保存", "Save")) }
            }
        }
    }
}

fn field<T: Sheet>(atlas: &Atlas, lang: Lang, field: &KeptField, now: &str) -> Markup {
    let (name, hint) = (field.name, T::hint(field.name, lang));
    let choices = T::choices(name, lang, atlas, now);
    let described = hint.map(|_| format!("{name}-hint"));
    html! {
        div.field {
            label for=(name) { (lang.say(field.zh, field.en)) @if !field.required { (lang.say("（可不填）", " (optional)")) } }
            @if let Some(hint) = hint { p.hint id=(format!("{name}-hint")) { (words::mixed(hint)) } }
            @if name == "region" {
                select id="region" name="region" required { (districts::choice(atlas, lang, Some(now).filter(|code| !code.is_empty()))) }
            } @else if !choices.is_empty() {
                select id=(name) name=(name) required[field.required] aria-describedby=[described] {
                    @if !field.required { option value="" { (lang.say("没有", "none")) } }
                    @for (heading, all) in &choices {
                        @if heading.is_empty() { (options(all, now)) } @else { optgroup label=(heading) { (options(all, now)) } }
                    }
                }
            } @else {
                @match field.sort {
                    Sort::Year => input id=(name) name=(name) type="number" min="1949" max="2199" inputmode="numeric" required[field.required] value=(now) aria-describedby=[described];,
                    Sort::Date => input id=(name) name=(name) type="date" required[field.required] value=(now) aria-describedby=[described];,
                    Sort::Number => input id=(name) name=(name) type="text" inputmode="decimal" required[field.required] value=(now) aria-describedby=[described];,
                    _ => input id=(name) name=(name) type="text" required[field.required] value=(now) aria-describedby=[described];,
                }
            }
        }
    }
}

fn options(all: &[(String, String)], now: &str) -> Markup {
    html! { @for (code, said) in all { option value=(code) selected[code == now] lang=[words::tongue(said)] { (said) } } }
}

/// The links of a row for whoever may keep it.
pub fn deeds<T: Sheet>(atlas: &Atlas, lang: Lang, who: Option<&Who>, row: &T) -> Markup {
    let own = who.is_some_and(|who| who.may(Deed::Register, &ground_of_region(atlas, Some(region_of(atlas, row)))));
    let home = format!("/plan/{}", T::WORD);
    html! {
        @if own { br;
            a href={ (Address::new(&home).with("id", row.id())) "#row" } { (lang.say("修改", "Change")) } " · "
            a href=(format!("{home}/{}/remove", row.id())) { (lang.say("去掉", "Take out")) }
        }
    }
}

/// The choice of region and year above a table of rows.
pub fn choice<T: Sheet>(atlas: &Atlas, lang: Lang, (region, year): (Option<&str>, Option<i32>)) -> Markup {
    html! {
        form.panel action=(format!("/plan/{}", T::WORD)) {
            div.grid {
                div.field {
                    label for="of-region" { (lang.say("地区", "Area")) }
                    select id="of-region" name="region" { (districts::choice(atlas, lang, region)) }
                }
                div.field {
                    label for="of-year" { (lang.say("年份（留空为全部）", "Year (empty: all)")) }
                    input id="of-year" name="year" type="number" min="1949" max="2199" inputmode="numeric" value=[year];
                }
            }
            button type="submit" { (lang.say("查看", "Show")) }
        }
    }
}
