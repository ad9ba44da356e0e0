//! Regions on the bureau's desk: which of them count as units where units are counted ("one canteen a town").

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::sign_in::{sealed, see, somebody};
use super::{people, words};
use crate::care::{Change, Deed, Entity, Region, Succession, Text, UrbanRural, Who};
use crate::http::frame::{Address, Frame};
use crate::http::who::{SEAL, allow, check_seal, ground_of_region, own_ground};
use crate::http::{App, Lang, Parameters, Problem, filter};
use crate::registry::RegistryError;

pub async fn form(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let mut parameters = Parameters::of_form(&request, &["region", "saved"]);
    let region = filter::region(&mut parameters, "region", &atlas);
    let saved = parameters.text("saved").and_then(|code| atlas.regions().get(&code));
    parameters.finish()?;
    let back = region.iter().fold(Address::new("/desk/regions"), |back, code| back.with("region", code));
    let who = match somebody(&app, &request, &back).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let notice = match saved {
        Some(saved) => kept(Lang::of(&request), saved),
        None => html! {},
    };
    page(&app, &request, &who, region, StatusCode::OK, &notice).await
}

fn counts_or_not(lang: Lang, counts: bool) -> &'static str {
    match counts {
        true => lang.say("计入", "counts"),
        false => lang.say("不计入", "does not count"),
    }
}

fn kept(lang: Lang, saved: &Region) -> Markup {
    html! { div.notice role="status" { h2 { (lang.say("已保存", "Saved")) } p { (words::told(&saved.name)) (lang.say("：", ": ")) strong { (counts_or_not(lang, saved.counts_in_coverage)) } (lang.say("，", ", ")) strong { (people::class(lang, saved.class)) } } } }
}

/// Somebody else has settled it meanwhile: what stands now.
fn quicker(lang: Lang, now: &Region) -> Markup {
    html! { div.notice role="alert" { h2 { (lang.say("没有保存：别人刚改过", "Not saved: somebody else was quicker")) }
    p { (words::told(&now.name)) (lang.say(" 现在是：", " is now: ")) strong { (counts_or_not(lang, now.counts_in_coverage)) } (lang.say("，", ", ")) strong { (people::class(lang, now.class)) } (lang.say("。请看一看，需要的话再改。", ". Look at it, and change it again where needed.")) } } }
}

async fn page(
    app: &App,
    request: &HttpRequest,
    who: &Who,
    region: Option<Text>,
    status: StatusCode,
    notice: &Markup,
) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let region = region.or_else(|| who.region.clone());
    match &region {
        Some(code) => allow(who, Deed::Register, &ground_of_region(&atlas, Some(code)))?,
        None => allow(who, Deed::Register, &own_ground(&atlas, who))?,
    }
    let tree = atlas.regions();
    let listed: Vec<&Region> = region.as_deref().map_or_else(|| tree.roots(), |code| tree.children(code));
    let here = region.as_deref().and_then(|code| tree.get(code));
    let became = match here {
        Some(here) => app.registry.history_page(Entity::Region, &here.code, None, SUCCESSIONS).await?,
        None => Vec::new(),
    };
    let counted = listed.iter().filter(|region| region.counts_in_coverage).count();
    let lang = Lang::of(request);
    let title = lang.say("哪些区域计入统计", "Which regions count");
    let mut frame = Frame::new(app, request, title);
    frame.demo = listed.iter().any(|region| region.demo);
    let said = |counts: bool| counts_or_not(lang, counts);
    Ok(frame.answer_private(status, html! {
        p.crumbs { a href="/desk" { (lang.say("工作台", "The desk")) }
            @if let Some(code) = region.as_deref() { @for above in tree.path(code) {
                " › " @if who.may(Deed::Register, &ground_of_region(&atlas, Some(&above.code))) { a href=(format!("/desk/regions?region={}", above.code)) { (words::told(&above.name)) } }
                @else { (words::told(&above.name)) } } } }
        h1 { (title) }
        (notice)
        p { (lang.say("开发区、园区这类不是街道、乡镇的，可以不计入“每个街道一个食堂”这类统计的分母。那里的居民照样算。",
            "A development zone is no town: it need not count in the denominator of “one canteen a town”. Its people count all the same.")) }
        p { (lang.say("城镇还是乡村，可以在村、社区上登记，也可以只登记在街道、乡镇上：没有登记的随最近的上级。",
            "Urban or rural may be told of each village, or of a town alone: what does not say it is as the nearest above it.")) }
        p.status { @if let Some(here) = here { (words::told(&here.name)) " " }
            (match lang { Lang::Zh => format!("下面共 {} 个，计入 {counted} 个", listed.len()), Lang::En => format!("{} below, {counted} of them count", listed.len()) }) }
        (successions(app, lang, here, &became))
        ul.list { @for region in &listed { li.item {
            h2 { @if tree.children(&region.code).is_empty() { (words::told(&region.name)) } @else { a href=(format!("/desk/regions?region={}", region.code)) { (words::told(&region.name)) } } }
            p { (words::level(lang, region.level)) " " span.number { (region.code) } (lang.say("，", ", ")) strong { (said(region.counts_in_coverage)) } (lang.say("，", ", ")) strong { (people::class(lang, region.class)) } }
            form method="post" action="/desk/regions" {
                (sealed(request))
                input type="hidden" name="region" value=(region.code);
                input type="hidden" name="version" value=(region.state());
                input type="hidden" name="counts" value=(if region.counts_in_coverage { "false" } else { "true" });
                button.second type="submit" { (words::told(&region.name)) (if region.counts_in_coverage { lang.say("改为不计入", ": do not count it") } else { lang.say("改为计入", ": count it") }) }
            }
            form method="post" action="/desk/regions" {
                (sealed(request))
                input type="hidden" name="region" value=(region.code);
                input type="hidden" name="version" value=(region.state());
                @let id = format!("class-{}", region.code);
                label for=(id) { (words::told(&region.name)) (lang.say("：城镇还是乡村", ": urban or rural")) }
                select id=(id) name="class" {
                    option value="unknown" selected[region.class.is_none()] { (lang.say("未登记（随上级）", "not known (as above it)")) }
                    @for known in UrbanRural::ALL { option value=(known.code()) selected[region.class == Some(known)] { (people::class(lang, Some(known))) } }
                }
                button.second type="submit" { (lang.say("保存城乡", "Save")) }
            }
        } } }
    }))
}

/// So many changes of a region are looked through for those that became it.
const SUCCESSIONS: i64 = 500;

/// The regions that became this one, and what came with each.
fn successions(app: &App, lang: Lang, here: Option<&Region>, history: &[Change]) -> Markup {
    let zone = app.atlas().zone();
    let became = |change: &&Change| here.is_some_and(|here| change.becomes.as_ref() == Some(&here.code));
    html! {
        @for change in history.iter().filter(became) {
            p.notice {
                span.number { (change.at.with_timezone(&zone).format("%Y-%m-%d")) } (lang.say("：", ": "))
                @if let Some(name) = change.before.as_ref().and_then(|before| before["name"].as_str()) { (words::told(name)) " " }
                span.number { (change.key) } (lang.say(" 并到这里。", " became this region. "))
                @if let Some(went) = change.reason.as_deref().and_then(Succession::read) { (went_along(lang, &went)) }
            }
        }
    }
}

/// 一起转来：机构 12 家、下级区域 3 个、需求点 5 个、账号 2 个、方案 1 个。
fn went_along(lang: Lang, went: &Succession) -> String {
    let Succession { facilities, regions, demand_points, accounts, scenarios } = went;
    match lang {
        Lang::Zh => format!(
            "一起转来：机构 {facilities} 家、下级区域 {regions} 个、需求点 {demand_points} 个、账号 {accounts} 个、方案 {scenarios} 个。"
        ),
        Lang::En => format!(
            "With it came facilities: {facilities}, regions below: {regions}, demand points: {demand_points}, accounts: \
             {accounts}, scenarios: {scenarios}."
        ),
    }
}

pub async fn save(app: web::Data<App>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let mut parameters = Parameters::of_body(&body, &["region", "version", "counts", "class"]);
    let region = filter::region(&mut parameters, "region", &atlas);
    let region = parameters.require("region", region, "the code of a region");
    let version = parameters.text("version").unwrap_or_default();
    let counts = parameters.word("counts", |word| word.parse::<bool>().ok(), &["true", "false"]);
    let class = match parameters.text("class").as_deref() {
        None => None,
        Some("unknown") => Some(None),
        Some(code) => {
            let read = UrbanRural::from_code(code);
            if read.is_none() {
                parameters.refuse_word("class", code, &["urban", "rural", "unknown"]);
            }
            read.map(Some)
        }
    };
    if class.is_none() {
        parameters.require("counts", counts, "true or false; or say class");
    }
    let told = parameters.text(SEAL);
    parameters.finish()?;
    let region = region.unwrap_or_default();
    let above = atlas.regions().get(&region).and_then(|region| region.parent.clone());
    let back = above.iter().fold(Address::new("/desk/regions"), |back, code| back.with("region", code));
    let who = match somebody(&app, &request, &back).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    check_seal(&request, told.as_deref())?;
    allow(&who, Deed::Register, &ground_of_region(&atlas, Some(&region)))?;
    match app.registry.settle_region(&region, &version, counts, class, &who.actor()).await {
        Ok((_, seq)) => app.show_write(seq).await,
        Err(RegistryError::StaleRegion(now)) => {
            app.show_write(app.registry.revision().await?).await;
            let notice = quicker(Lang::of(&request), &now);
            let above = above.filter(|code| who.may(Deed::Register, &ground_of_region(&atlas, Some(code))));
            return page(&app, &request, &who, above, StatusCode::PRECONDITION_FAILED, &notice).await;
        }
        Err(error) => return Err(error.into()),
    }
    // A bureau that has just settled its own top stays where it may be.
    let within = above.as_deref().is_some_and(|code| who.may(Deed::Register, &ground_of_region(&atlas, Some(code))));
    Ok(see(&if within { back } else { Address::new("/desk/regions") }.with("saved", &region)))
}
