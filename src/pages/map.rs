//! The map, and below it, always, the same results as a list.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use maud::{Markup, html};
use uuid::Uuid;

use super::card::Cards;
use super::{districts, words};
use crate::atlas::{Atlas, Entry};
use crate::care::{Status, Text, kind};
use crate::http::filter::{self, FILTERS};
use crate::http::frame::{Address, Frame};
use crate::http::{App, Lang, Parameters, Problem};

const OWN: [&str; 8] = ["lon", "lat", "place", "within_m", "bbox", "q", "tag", "cursor"];
/// Cards on a page, and facilities around a point.
const PAGE: usize = 30;

/// What the list shows and the map draws.
struct Found {
    shown: Vec<(Arc<Entry>, Option<f64>)>,
    matched: usize,
    next: Option<Uuid>,
    /// Where the map gets the same facilities from.
    source: Address,
}

pub async fn map(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let now = Utc::now();
    let mut parameters = Parameters::of_form(&request, &[OWN.as_slice(), &FILTERS].concat());
    let lon = parameters.number("lon", -180.0..=180.0, "longitude in degrees");
    let lat = parameters.number("lat", -90.0..=90.0, "latitude in degrees");
    let within_m = parameters.number("within_m", 1.0..=20_040_000.0, "distance in metres");
    let place = parameters.text("place");
    let cursor = parameters.word("cursor", |text| text.parse::<Uuid>().ok(), &["the one of the next page"]);
    let mut filter = filter::read_list(&mut parameters, &atlas, now);
    parameters.finish()?;
    filter.statuses = vec![Status::Operating, Status::Trial];

    let lang = Lang::of(&request);
    let here = Address::of(&request);
    let asked = here.clone().without(&["place", "cursor", "page"]);
    let region = filter.region.clone();
    let chosen = filter.category.clone();
    let bbox = filter.bbox;
    let found = match (lon, lat) {
        (Some(lon), Some(lat)) => {
            let hits = atlas.nearest(lon, lat, &filter, PAGE, within_m);
            let source = asked.clone().at("/api/v1/nearest").without(&["bbox", "q", "tag"]).with("limit", PAGE);
            let shown: Vec<_> = hits.into_iter().map(|hit| (hit.entry, Some(hit.distance_m))).collect();
            Found { matched: shown.len(), shown, next: None, source }
        }
        _ => {
            let source = asked.clone().at("/api/v1/facilities").without(&["lon", "lat", "within_m"]);
            let source = source.with("status", "operating,trial").with("limit", 1000);
            let page = app.look_up(move |atlas| atlas.list(&filter, cursor, PAGE)).await?;
            let shown = page.entries.into_iter().map(|entry| (entry, None)).collect();
            Found { matched: page.matched, shown, next: page.next, source }
        }
    };

    let name =
        place.or_else(|| region.as_deref().and_then(|code| atlas.regions().get(code)).map(|r| r.name.to_string()));
    let title = match (&name, lang) {
        (Some(name), Lang::Zh) => format!("地图：{name}"),
        (Some(name), Lang::En) => format!("Map: {name}"),
        (None, lang) => lang.say("地图", "Map").to_owned(),
    };
    let mut frame = Frame::new(&app, &request, &*title);
    frame.demo = found.shown.iter().any(|(entry, _)| entry.facility.demo);
    frame.wide = true;
    frame.script = Some("map.js");
    frame.json = Some(found.source.clone());
    let cards = Cards { app: &app, atlas: &atlas, lang, now, compare: false };
    Ok(frame.answer(html! {
        h1 { (words::told(&title)) }
        (choices(&atlas, lang, &here, chosen.as_deref(), region.as_deref()))
        p { a href="#list" { (lang.say("跳过地图，直接看清单", "Skip the map, go to the list")) } }
        (canvas(&atlas, lang, &Canvas { facilities: &found.source, gaps: None, region: region.as_deref(), bbox, scenario: None }))
        p { a.button.second id="search-here" href=(here) hidden { (lang.say("在地图这一带找", "Search where the map is now")) } }
        (legend(lang))
        h2 id="list" tabindex="-1" { (lang.say("清单（和地图上一样）", "The same as a list")) }
        p.status role="status" {
            @if found.matched == 0 { (lang.say("这里没有符合条件的机构。请移动地图、换个区，或放宽条件。", "Nothing matches here. Move the map, choose another district or drop a filter.")) }
            @else { (lang.say("共 ", "")) (words::count(found.matched as u64)) (lang.say(" 家", " in all"))
                @if found.matched > found.shown.len() { (lang.say("，本页 ", ", on this page ")) (found.shown.len()) (lang.say(" 家", "")) } (lang.say("。", ".")) }
        }
        ol.list { @for (entry, metres) in &found.shown { (cards.card(entry, *metres)) } }
        nav.pages aria-label=(lang.say("翻页", "Pages")) {
            @if cursor.is_some() { a.button.second href=(here.clone().without(&["cursor"])) { (lang.say("回到第一页", "First page")) } }
            @if let Some(next) = found.next { a.button.second href=(here.clone().with("cursor", next)) { (lang.say("下一页", "Next page")) } }
        }
    }))
}

fn choices(atlas: &Atlas, lang: Lang, here: &Address, category: Option<&str>, region: Option<&str>) -> Markup {
    let kept = here.clone().without(&["category", "region", "bbox", "cursor", "lon", "lat", "place", "within_m"]);
    html! {
        form.panel action="/map" {
            (kept.hidden())
            div.grid {
                div.field {
                    label for="region" { (lang.say("地区", "Area")) }
                    select id="region" name="region" { (districts::choice(atlas, lang, region)) }
                }
                div.field {
                    label for="category" { (lang.say("类别", "Category")) }
                    select id="category" name="category" {
                        option value="" { (lang.say("全部", "All")) }
                        @for (code, zh, en, _) in kind::CATEGORIES { option value=(code) selected[category == Some(code)] { (lang.say(zh, en)) } }
                    }
                }
                div.field { button.full type="submit" { (lang.say("显示", "Show")) } }
            }
        }
    }
}

/// What a map is drawn from.
pub struct Canvas<'a> {
    pub facilities: &'a Address,
    /// The plan's: the uncovered points, and how far people go in metres.
    pub gaps: Option<(&'a Address, f64)>,
    pub region: Option<&'a str>,
    /// West, south, east, north; without it the map shows all that it draws.
    pub bbox: Option<[f64; 4]>,
    /// The module that lets a scenario be made on it.
    pub scenario: Option<&'a str>,
}

/// The map's place: a sentence, until a script has drawn a map there.
pub fn canvas(atlas: &Atlas, lang: Lang, canvas: &Canvas) -> Markup {
    let Canvas { facilities, gaps, region, bbox, scenario } = canvas;
    let (borders, computed) = borders(atlas, *region);
    let bbox = bbox.map(|bbox| bbox.map(|degrees| degrees.to_string()).join(","));
    html! {
        p.notice id="map-sentence" { (lang.say("地图需要 JavaScript，下面是同样的结果。", "The map needs JavaScript; below are the same results.")) }
        div.map id="map" hidden data-facilities=(facilities) data-gaps=[gaps.map(|(address, _)| address.to_string())]
            data-within=[gaps.map(|(_, metres)| metres)] data-borders=[borders] data-box=[bbox] data-scenario=[scenario] {}
        p.quiet id="map-shown" role="status" hidden {}
        @if computed {
            p.quiet { (lang.say("图上的虚线区界是按地点计算出来的，不是官方边界。", "The dashed borders are computed cells around points, not official borders.")) }
        }
    }
}

/// Where the borders stand that frame a region (or the districts that everything is divided into), and whether they
/// were computed rather than surveyed.
fn borders(atlas: &Atlas, region: Option<&str>) -> (Option<String>, bool) {
    let parents: Vec<Option<Text>> = match region.and_then(|code| atlas.regions().get(code)) {
        Some(region) => vec![Some(region.code.clone())],
        None => {
            let mut parents: Vec<Option<Text>> = Vec::new();
            for district in districts::districts(atlas) {
                if !parents.contains(&district.parent) {
                    parents.push(district.parent.clone());
                }
            }
            parents
        }
    };
    let mut addresses = Vec::new();
    let mut computed = false;
    for parent in parents {
        let list = Address::new("/api/v1/regions");
        let children = match &parent {
            Some(code) => atlas.regions().children(code),
            None => atlas.regions().roots(),
        };
        computed |= children
            .iter()
            .any(|region| region.source.as_deref().is_some_and(|source| source.contains("not an official border")));
        if children.iter().any(|region| region.border.is_some()) {
            let list = match &parent {
                Some(code) => list.with("parent", code),
                None => list,
            };
            addresses.push(list.with("geometry", "border").to_string());
        } else if let Some(code) = &parent {
            addresses.push(format!("/api/v1/regions/{}", crate::http::frame::escape(code)));
        }
    }
    ((!addresses.is_empty()).then(|| addresses.join(" ")), computed)
}

fn legend(lang: Lang) -> Markup {
    html! {
        ul.legend aria-label=(lang.say("图例", "Legend")) {
            @for category in &kind::CATEGORIES { li { (words::mark(category)) (lang.say(category.1, category.2)) } }
            li { span.tag { (lang.say("12家", "12")) } (lang.say("一处有多家，点开放大", "several in one place; press to zoom in")) }
        }
    }
}
