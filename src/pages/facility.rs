//! One facility: decide and go. Every figure with its date, what is not known said so.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use maud::{Markup, html};

use super::alike::{listed, sought};
use super::card::{Cards, call_button};
use super::{dossier, hours, withdraw, words};
use crate::atlas::{Atlas, Filter};
use crate::care::{Deed, Facility, PastRating, Status};
use crate::http::frame::{self, Address, Frame};
use crate::http::named::named;
use crate::http::representation::local;
use crate::http::who::ground;
use crate::http::{App, Code, Lang, Parameters, Problem};

/// How many others nearby are offered.
const OTHERS: usize = 3;

pub async fn facility(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    let atlas = app.atlas();
    let now = Utc::now();
    let entry = match named(&atlas, &id) {
        Err(gone) if gone.code == Code::Gone => return withdraw::withdrawn(&app, &request, &id, gone).await,
        found => found?,
    };
    let facility = &entry.facility;
    let staff = staff(&app, &request, facility).await;
    let mut frame = Frame::new(&app, &request, &*facility.name);
    let lang = frame.lang;
    frame.json = Some(Address::new(format!("/api/v1/facilities/{}", facility.id)));
    let (others, former) = (others(&atlas, facility), dossier::former(&app, facility).await);
    frame.demo = facility.demo || others.iter().any(|hit| hit.entry.facility.demo);
    let open = hours::open_now_and_next(lang, entry, local(&atlas, now));
    let path = facility.region.as_deref().map(|code| atlas.regions().path(code)).unwrap_or_default();
    let cards = Cards { app: &app, atlas: &atlas, lang, now, compare: false };
    Ok(frame.answer(html! {
        @if !path.is_empty() { p.crumbs.quiet lang="zh-CN" { (words::path(&path)) } }
        h1 lang="zh-CN" { (facility.name) }
        p.tags {
            (words::mark(words::category(&atlas, &facility.kind)))
            span { (words::kind_name(&atlas, lang, &facility.kind)) }
            span.tag { (words::status(lang, facility.status)) }
            @if let Some((open, said)) = &open { span.tag.open[*open == Some(true)] { (said) } }
            @if facility.demo { span.tag.demo { (lang.say("演示", "demo")) } }
        }
        @if !facility.status.serving() { (not_serving(lang, facility)) }
        (staff)
        div.buttons {
            @if let Some(phone) = &facility.phone { (call_button(lang, phone)) }
            a.button.second href=(format!("/f/{}/go", facility.id)) { (lang.say("怎么去", "Directions")) }
        }
        @if facility.phone.is_none() { p { (lang.say("电话：", "Phone: ")) (words::unknown(lang)) } }
        (places_free(&app, &atlas, lang, facility))
        (dossier::menu(&atlas, lang, facility))
        (hours::section(lang, entry, &atlas))
        section.block {
            h2 { (lang.say("费用", "Fees")) }
            p { @match facility.price.as_deref().and_then(|price| words::price(lang, price)) {
                Some(price) => span.big { (price) }, None => (words::unknown(lang)) } }
        }
        (services(lang, facility))
        section.block {
            h2 { (lang.say("地址", "Address")) }
            @match &facility.address { Some(address) => p.copy lang="zh-CN" { (address) }, None => p { (words::unknown(lang)) } }
            @if facility.located().is_none() {
                p { (lang.say("位置未确认，所以不在地图上，也算不出距离。", "Its position is not confirmed, so it is not on the map and has no distance.")) }
            }
        }
        (who(&atlas, lang, facility, &former))
        (source(&app, lang, facility))
        @if !others.is_empty() {
            section.block {
                h2 { (lang.say("附近同类机构", "Others of this kind nearby")) }
                ol.list { @for hit in &others { (cards.card(&hit.entry, Some(hit.distance_m))) } }
            }
        }
    }))
}

/// What those who are signed in may do here.
async fn staff(app: &App, request: &HttpRequest, facility: &Facility) -> Markup {
    // Nobody is signed in where the record cannot be asked who is.
    let Ok(Some(who)) = app.signed_in(request).await else { return html! {} };
    let (atlas, lang) = (app.atlas(), Lang::of(request));
    let ground = ground(&atlas, facility);
    let deeds = [
        (Deed::Tell, "capacity", "更新数字", "Update figures"),
        (Deed::Tell, "edit", "改资料", "Edit"),
        (Deed::Look, "history", "修改记录", "History"),
        (Deed::Register, "merge", "合并重复的", "Merge a duplicate"),
        (Deed::Register, "withdraw", "撤下", "Withdraw"),
    ];
    let twins = if who.may(Deed::Register, &ground) {
        // The page is whole without them, should the quiet threads be full.
        sought(app, &atlas, facility).await.unwrap_or_default()
    } else {
        Vec::new()
    };
    html! {
        ul.links { @for (deed, page, zh, en) in deeds { @if who.may(deed, &ground) {
            li { a href=(format!("/f/{}/{page}", facility.id)) { (lang.say(zh, en)) } } } }
            @if who.may(Deed::Look, &ground) { (dossier::links(&atlas, lang, facility)) } }
        @if !twins.is_empty() { details {
            summary { (lang.say("可能重复登记：", "Possibly registered twice: ")) (twins.len()) (lang.say(" 家", "")) }
            (listed(&atlas, lang, &twins, Some((facility.id, &who)))) } }
    }
}

fn others(atlas: &Atlas, facility: &Facility) -> Vec<crate::atlas::Hit> {
    let Some(place) = facility.located() else { return Vec::new() };
    let filter = Filter { kinds: vec![facility.kind.clone()], ..Filter::default() };
    let mut hits = atlas.nearest(place.lon, place.lat, &filter, OTHERS + 1, None);
    hits.retain(|hit| hit.entry.facility.id != facility.id);
    hits.truncate(OTHERS);
    hits
}

fn not_serving(lang: Lang, facility: &Facility) -> Markup {
    html! {
        div.notice {
            h2 { (words::status(lang, facility.status)) }
            p {
                @if facility.status == Status::Closed {
                    (lang.say("这家机构已经关闭。", "This facility is closed."))
                    @if let Some(day) = facility.closed_on { (lang.say("关闭日期：", " Closed on ")) (words::day(lang, day)) (lang.say("。", ".")) }
                } @else { (lang.say("这家机构现在不接待。", "This facility does not serve anyone at present.")) }
                (lang.say("下面有附近的同类机构。", " Others of its kind nearby are listed below."))
            }
        }
    }
}

fn places_free(app: &App, atlas: &Atlas, lang: Lang, facility: &Facility) -> Markup {
    let measured = atlas.vocabulary().kind(&facility.kind).is_some_and(|kind| !kind.measures.is_empty());
    html! {
        @if measured || !facility.capacity.is_empty() {
            section.block {
                h2 { (lang.say("空余", "Free places")) }
                @if facility.capacity.is_empty() { p { (words::unknown(lang)) } }
                @for held in &facility.capacity {
                    p { span.big { (words::capacity(atlas, lang, held)) }
                        @if let Some(nursing) = held.nursing { br; (lang.say("其中护理型 ", "of these for nursing care: ")) (nursing) (lang.say(" 张", "")) }
                        br; (words::capacity_date(app, lang, held)) }
                    @if let Some(source) = &held.source { p.source { (lang.say("来源：", "Source: ")) (words::told(source)) } }
                }
            }
        }
    }
}

fn services(lang: Lang, facility: &Facility) -> Markup {
    html! {
        section.block {
            h2 { (lang.say("服务", "Services")) }
            @if facility.services.is_empty() { p { (words::unknown(lang)) } }
            @else { ul.tags lang="zh-CN" { @for service in &facility.services { li.tag { (service) } } } }
            @if !facility.tags.is_empty() {
                p.tags lang="zh-CN" { @for tag in &facility.tags { span.tag { (tag) } } }
            }
            @if let Some(note) = &facility.note { p lang="zh-CN" { (note) } }
        }
    }
}

fn who(atlas: &Atlas, lang: Lang, facility: &Facility, former: &[PastRating]) -> Markup {
    let told = |value: &Option<crate::care::Text>| html! { @match value { Some(text) => span lang="zh-CN" { (text) }, None => (words::unknown(lang)) } };
    html! {
        section.block {
            h2 { (lang.say("登记信息", "Registration")) }
            dl.facts {
                dt { (lang.say("等级", "Rating")) }
                dd { (dossier::ratings(atlas, lang, facility, former)) }
                (dossier::staff(atlas, lang, facility))
                dt { (lang.say("证照", "Licences")) } dd { (dossier::licences(atlas, lang, facility)) }
                dt { (lang.say("运营单位", "Operator")) } dd { (told(&facility.operator)) }
                dt { (lang.say("性质", "Ownership")) } dd { (told(&facility.ownership)) }
                dt { (lang.say("信用代码", "Credit code")) } dd { (told(&facility.uscc)) }
                dt { (lang.say("登记编号", "Registry code")) } dd { (told(&facility.code)) }
                @for (zh, en, day) in [("建成", "Built", facility.built_on), ("开业", "Opened", facility.opened_on)] {
                    @if let Some(day) = day { dt { (lang.say(zh, en)) } dd { (words::day(lang, day)) } }
                }
            }
        }
    }
}

fn source(app: &App, lang: Lang, facility: &Facility) -> Markup {
    html! {
        p.source {
            (lang.say("来源：", "Source: "))
            @match &facility.source { Some(source) => (words::told(source)), None => (words::unknown(lang)) }
            br;
            (lang.say("本页登记信息更新于 ", "Record last changed on ")) (frame::day_and_age(lang, facility.updated_at, app))
            (lang.say("，第 ", ", version ")) (facility.version) (lang.say(" 版。", ". "))
            a href=(format!("/api/v1/facilities/{}/history", facility.id)) { (lang.say("变更记录（JSON）", "History (JSON)")) }
        }
        p { a.button.second href=(format!("/f/{}/report", facility.id)) { (lang.say("信息有误？告诉我们", "Something wrong? Tell us")) }
            @if let Some(phone) = &app.settings.help_phone { " " (lang.say("或打电话 ", "or call ")) (frame::telephone(phone)) } }
    }
}
