//! Two records of one facility made one: both side by side, and for each field in which they differ, which value stays.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::html;
use serde_json::Value;
use uuid::Uuid;

use super::alike::{listed, sought};
use super::interrupted::sealed_sender;
use super::my::field;
use super::sign_in::{sealed, see, somebody};
use super::value::{FIGURES, held};
use super::words;
use crate::atlas::{Atlas, Entry};
use crate::care::{Deed, Facility, Who, fields};
use crate::http::frame::{self, Address, Frame};
use crate::http::named::named;
use crate::http::who::{allow, ground};
use crate::http::{App, Code, Lang, Parameters, Problem};
use crate::registry::RegistryError;

/// What the two differ in: fields and the figures.
fn differing(gone: &Facility, stays: &Facility) -> Vec<&'static str> {
    let names = fields::FIELDS.iter().map(|field| field.name).chain([FIGURES]);
    names.filter(|name| fields::value(gone, name) != fields::value(stays, name)).collect()
}

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["into"]);
    let into = parameters.text("into");
    parameters.finish()?;
    let back = Address::new(format!("/f/{id}/merge"));
    let back = into.iter().fold(back, |back, into| back.with("into", into));
    let who = match somebody(&app, &request, &back).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let gone = named(&atlas, &id)?;
    allow(&who, Deed::Register, &ground(&atlas, &gone.facility))?;
    let Some(into) = into else { return choose(&app, &request, &atlas, &who, gone, StatusCode::OK, None).await };
    let Some(stays) = other(&app, &atlas, &into).await?.filter(|stays| stays.facility.id != gone.facility.id) else {
        let said = unknown(Lang::of(&request));
        return choose(&app, &request, &atlas, &who, gone, StatusCode::UNPROCESSABLE_ENTITY, Some(said)).await;
    };
    allow(&who, Deed::Register, &ground(&atlas, &stays.facility))?;
    Ok(page(&app, &request, &gone.facility, &stays.facility, StatusCode::OK, &[], None))
}

fn unknown(lang: Lang) -> &'static str {
    lang.say(
        "没有这样的另一家机构：请填它页面的网址或编号。",
        "There is no such other facility: give the address of its page, or its code.",
    )
}

/// The other facility, by its id, the address of its page, or its code.
async fn other(app: &App, atlas: &Arc<Atlas>, told: &str) -> Result<Option<Arc<Entry>>, Problem> {
    if let Some(entry) = by_id(atlas, told) {
        return Ok(Some(entry));
    }
    // A code may be anybody's: that looks at every facility, and not on a worker.
    let told = told.to_owned();
    app.ponder_over(Arc::clone(atlas), move |atlas| by_code(atlas, &told)).await
}

fn by_id(atlas: &Atlas, told: &str) -> Option<Arc<Entry>> {
    let last = told.trim().split(['?', '#']).next()?.split("/f/").last()?.split('/').next()?;
    last.parse::<Uuid>().ok().and_then(|id| atlas.facility(id)).cloned()
}

fn by_code(atlas: &Atlas, told: &str) -> Option<Arc<Entry>> {
    atlas.facilities().find(|entry| entry.facility.code.as_deref() == Some(told.trim())).cloned()
}

/// Which one is it the same as?
async fn choose(
    app: &App,
    request: &HttpRequest,
    atlas: &Arc<Atlas>,
    who: &Who,
    gone: &Entry,
    status: StatusCode,
    error: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let lang = Lang::of(request);
    let title = lang.say("合并重复的记录", "Merge a duplicate");
    let mut frame = Frame::new(app, request, title);
    let twins = sought(app, atlas, &gone.facility).await?;
    frame.demo = gone.facility.demo || twins.iter().any(|entry| entry.facility.demo);
    let id = gone.facility.id;
    Ok(frame.answer_private(status, html! {
        p.crumbs { a href=(format!("/f/{id}")) { (words::told(&gone.facility.name)) } }
        h1 { (title) }
        @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有找到", "Not found")) } p { a href="#into" { (error) } } } }
        p { (lang.say("同一家机构登记了两次时，把两条并成一条。两边的修改记录都会保留，旧网址会转到新的。",
            "Where one facility was registered twice, the two become one. Both histories are kept, and the old address leads to the new one.")) }
        @if !twins.is_empty() { h2 { (lang.say("可能是同一家", "Possibly the same")) } (listed(atlas, lang, &twins, Some((id, who)))) }
        form action=(format!("/f/{id}/merge")) {
            div.field { label for="into" { (lang.say("另一家的网址或编号", "Address of the other's page, or its code")) }
                input id="into" name="into" type="text" autocomplete="off"; }
            button.full type="submit" { (lang.say("对照", "Compare")) }
        }
    }))
}

/// A field's name for people; the figures have one too.
fn name_of(lang: Lang, name: &str) -> &'static str {
    if name == FIGURES { lang.say("数字", "Figures") } else { field(lang, name) }
}

/// Both side by side. `took` are the fields for which the one that goes was chosen already.
fn page(
    app: &App,
    request: &HttpRequest,
    gone: &Facility,
    stays: &Facility,
    status: StatusCode,
    took: &[String],
    error: Option<&str>,
) -> HttpResponse {
    let (lang, atlas) = (Lang::of(request), app.atlas());
    let title = lang.say("合并重复的记录", "Merge a duplicate");
    let mut page = Frame::new(app, request, format!("{title} - {}", stays.name));
    page.demo = gone.demo || stays.demo;
    let differing = differing(gone, stays);
    // What only the one that goes knows is worth keeping.
    let first = |name: &str| match error {
        Some(_) => took.iter().any(|took| took == name),
        None => empty(&fields::value(stays, name)),
    };
    let about = |facility: &Facility| {
        html! {
            a href=(format!("/f/{}", facility.id)) { (words::told(&facility.name)) }
            @if let Some(address) = &facility.address { br; (words::told(address)) }
            br; span.quiet { (lang.say("最近修改：", "Last changed: ")) (frame::day_and_age(lang, facility.updated_at, app)) }
        }
    };
    let tile = |name: &str, choice: &str, checked: bool, whose: &str, facility: &Facility| {
        html! { label.tile { input type="radio" name=(format!("take_{name}")) value=(choice) checked[checked];
        span { span.quiet { (whose) } br; (held(&atlas, lang, facility, name)) } } }
    };
    page.answer_private(status, html! {
        p.crumbs { a href=(format!("/f/{}", gone.id)) { (lang.say("返回", "Back")) } }
        h1 { (title) }
        @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有合并", "Not merged")) } p { (error) } } }
        dl.facts {
            dt { (lang.say("留下：", "Stays:")) } dd { (about(stays)) }
            dt { (lang.say("并入：", "Goes into it:")) } dd { (about(gone)) }
        }
        p { a href=(format!("/f/{}/merge?into={}", stays.id, gone.id)) { (lang.say("反过来：留下另一条", "The other way round")) } }
        form method="post" action=(format!("/f/{}/merge", gone.id)) {
            (sealed(request))
            input type="hidden" name="into" value=(stays.id);
            input type="hidden" name="version" value=(gone.version);
            input type="hidden" name="into_version" value=(stays.version);
            @if differing.is_empty() { p { (lang.say("两条记录的内容完全一样。", "The two say the same.")) } }
            @else { p { (lang.say("两条不同的地方，请选留下哪个：", "Where the two differ, choose which stays:")) } }
            @for name in &differing { fieldset.field { legend { (name_of(lang, name)) }
                div.tiles.pair {
                    (tile(name, "stays", !first(name), lang.say("留下的这条", "Of the one that stays"), stays))
                    (tile(name, "goes", first(name), lang.say("并入的那条", "Of the one that goes"), gone))
                } } }
            button.full type="submit" { (lang.say("合并成一条", "Make them one")) }
        }
    })
}

fn empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

pub async fn take(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let names: Vec<&str> = fields::FIELDS.iter().map(|field| field.name).chain([FIGURES]).collect();
    let takes: Vec<String> = names.iter().map(|name| format!("take_{name}")).collect();
    let known: Vec<&str> = takes.iter().map(String::as_str).chain(["into", "version", "into_version"]).collect();
    let mut parameters = Parameters::of_body(&body, &known);
    let mut version = |name| parameters.number(name, 1..=i64::MAX, "version").unwrap_or_default();
    let versions = (version("version"), version("into_version"));
    let into = parameters.text("into").unwrap_or_default();
    let took = names.iter().zip(&takes).filter(|(_, take)| parameters.text(take).as_deref() == Some("goes"));
    let took: Vec<String> = took.map(|(name, _)| (*name).to_owned()).collect();
    parameters.finish()?;
    let who = match sealed_sender(&app, &request, &body).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let gone = named(&atlas, &id)?;
    allow(&who, Deed::Register, &ground(&atlas, &gone.facility))?;
    let lang = Lang::of(&request);
    let Some(stays) = other(&app, &atlas, &into).await?.filter(|stays| stays.facility.id != gone.facility.id) else {
        let said = unknown(lang);
        return choose(&app, &request, &atlas, &who, gone, StatusCode::UNPROCESSABLE_ENTITY, Some(said)).await;
    };
    allow(&who, Deed::Register, &ground(&atlas, &stays.facility))?;
    let (from, to) = ((gone.facility.id, Some(versions.0)), (stays.facility.id, Some(versions.1)));
    match app.registry.merge(from, to, took.clone(), &who.actor()).await {
        Ok(written) => {
            app.show_write(written.seq).await;
            Ok(see(&Address::new(format!("/f/{}/history", written.facility.id))))
        }
        Err(RegistryError::Stale(_)) => {
            app.show_write(app.registry.revision().await?).await;
            let now = app.atlas();
            let (gone, stays) = (named(&now, &id)?, named(&now, &stays.facility.id.to_string())?);
            let said = lang.say(
                "有人刚改过其中一条。下面是现在的内容，请再看一遍。",
                "Somebody has just changed one of them. Below is what stands now; look again.",
            );
            Ok(page(&app, &request, &gone.facility, &stays.facility, Code::Stale.status(), &took, Some(said)))
        }
        Err(RegistryError::Rule { detail, .. } | RegistryError::Conflict(detail)) => {
            Ok(page(&app, &request, &gone.facility, &stays.facility, Code::Conflict.status(), &took, Some(&detail)))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::sample;

    #[test]
    fn the_other_is_named_by_id_address_or_code() {
        let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(1);
        let mut home = sample::facility(7, None);
        home.code = Some("A-7".into());
        let id = home.id;
        let atlas = sample::atlas_of(vec![home, sample::facility(8, None)], &mut rng);
        for told in
            [id.to_string(), format!("https://example.org/f/{id}?lang=en"), format!("/f/{id}/edit"), " A-7".to_owned()]
        {
            let found = by_id(&atlas, &told).or_else(|| by_code(&atlas, &told));
            assert_eq!(found.map(|entry| entry.facility.id), Some(id), "{told}");
        }
        assert!(["A-9", ""].iter().all(|told| by_id(&atlas, told).or_else(|| by_code(&atlas, told)).is_none()));
    }

    #[test]
    fn only_what_differs_is_asked_about() {
        let (one, mut other) = (sample::facility(1, None), sample::facility(2, None));
        other.name = one.name.clone();
        assert_eq!(differing(&one, &other), Vec::<&str>::new(), "{one:?} {other:?}");
        other.phone = Some("12345".into());
        assert_eq!(differing(&one, &other), ["phone"]);
    }
}
