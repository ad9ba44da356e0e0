//! Search: from words or a point to the nearest facilities, or to the question which place was meant.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use maud::{Markup, html};

use super::nearby::{self, Asked};
use super::start::{self, Meaning, Start};
use super::{districts, home, words};
use crate::atlas::{Atlas, PlaceMatch, PlaceTarget};
use crate::care::{Datum, Place};
use crate::http::filter::{self, FILTERS};
use crate::http::frame::{Address, Frame, help_line};
use crate::http::{App, Lang, Parameters, Problem};

/// Own parameters; `pick` asks for the list of places even where one is likely.
const OWN: [&str; 8] = ["q", "place", "lon", "lat", "datum", "within_m", "page", "pick"];

pub async fn search(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let now = Utc::now();
    let mut parameters = Parameters::of_form(&request, &[OWN.as_slice(), &FILTERS].concat());
    let q = parameters.text("q");
    let place = parameters.text("place");
    let lon = parameters.number("lon", -180.0..=180.0, "longitude in degrees");
    let lat = parameters.number("lat", -90.0..=90.0, "latitude in degrees");
    let datum = parameters.word("datum", Datum::from_code, &Datum::ALL.map(Datum::code)).unwrap_or_default();
    let within_m = parameters.number("within_m", 1.0..=20_040_000.0, "distance in metres");
    let page = parameters.number("page", 1..=nearby::PAGES, "page").unwrap_or(1);
    let pick = parameters.text("pick").is_some();
    let filter = filter::read(&mut parameters, &atlas, now);
    parameters.finish()?;

    let lang = Lang::of(&request);
    let found = match (lon, lat, &q, &filter.region) {
        (Some(lon), Some(lat), ..) => {
            let point = Place::from_datum(datum, lon, lat);
            let name = place.as_deref().unwrap_or(lang.say("您给的位置", "the point given")).into();
            Meaning::At(Start { name, lon: point.lon, lat: point.lat, target: None, others: 0, partly: false })
        }
        (_, _, Some(q), _) => start::meaning(&atlas, q, pick),
        (_, _, None, Some(code)) => {
            atlas.regions().get(code).and_then(start::of_region).map_or(Meaning::Nothing, Meaning::At)
        }
        _ => {
            let missing = lang.say("请输入地址，或选一个区", "Type an address, or choose a district");
            return Ok(home::page(&app, &request, Some(missing)));
        }
    };
    Ok(match found {
        Meaning::At(start) => nearby::page(&app, &request, &atlas, &Asked { start, q, filter, within_m, page, now }),
        Meaning::Which { places, addresses } => {
            let mut frame = Frame::new(&app, &request, lang.say("哪一个地点？", "Which place?"));
            frame.demo = places.iter().any(|place| place.demo) || addresses.iter().any(|entry| entry.facility.demo);
            frame.json = q.as_ref().map(|q| Address::new("/api/v1/places").with("q", q));
            let base = Address::of(&request).without(&["q", "pick", "page", "lon", "lat", "place", "region"]);
            let facilities = addresses.iter().map(|entry| {
                let facility = &entry.facility;
                html! { li { a.row href=(format!("/f/{}", facility.id)) { span lang="zh-CN" { (facility.name) }
                span.quiet lang="zh-CN" { (facility.address.as_deref().unwrap_or_default()) } } } }
            });
            let count = places.len() + addresses.len();
            frame.answer(html! {
                h1 { (lang.say("哪一个地点？", "Which place?")) }
                p.status role="status" { (lang.say("找到 ", "Found ")) (count) (lang.say(" 个地点，请选一个。", " places. Choose one.")) }
                ul.row-links {
                    @for place in &places { (choice(&atlas, lang, place, &base)) }
                    @for facility in facilities { (facility) }
                }
                p { a.button.second href=(Address::new("/")) { (lang.say("都不是，重新输入", "None of these: type again")) } }
                (help_line(&app, lang))
            })
        }
        Meaning::Nothing => {
            let frame = Frame::new(&app, &request, lang.say("没找到这个地点", "Place not found"));
            frame.answer(nothing(&app, &atlas, lang, q.as_deref().unwrap_or_default(), &Address::of(&request)))
        }
    })
}

fn choice(atlas: &Atlas, lang: Lang, place: &PlaceMatch, base: &Address) -> Markup {
    let address = base.clone().with("place", &place.name).with("lon", place.lon).with("lat", place.lat);
    let within = place.within.iter().map(|name| &**name).collect::<Vec<_>>().join(" › ");
    let what = match &place.target {
        PlaceTarget::Region { level, .. } => words::level(lang, *level),
        PlaceTarget::Facility { kind, .. } => words::kind_name(atlas, lang, kind),
    };
    html! {
        li {
            a.row href=(address) { span lang="zh-CN" { (place.name) } span.quiet { span lang="zh-CN" { (within) } " · " (what)
                @if place.demo { (lang.say("（演示）", " (demo)")) } } }
        }
    }
}

fn nothing(app: &App, atlas: &Atlas, lang: Lang, q: &str, address: &Address) -> Markup {
    html! {
        h1 { (lang.say("没找到这个地点", "Place not found")) }
        p.status role="status" { (lang.say("没有找到“", "Nothing is known by “")) span lang="zh-CN" { (q) } (lang.say("”。可以试试：", "”. You could try:")) }
        ul {
            li { (lang.say("只写街道或乡镇的名字", "only the name of the street or town")) }
            li { (lang.say("机构的名字，或名字里的几个字", "the name of the facility, or part of it")) }
            li { (lang.say("拼音或拼音首字母，例如 sucheng、sc", "pinyin or its initials, such as sucheng or sc")) }
        }
        (home::form(lang, Some(q), "meals", None))
        h2 { (lang.say("或者选一个区", "Or choose a district")) }
        (districts::links(atlas, lang, &address.clone().only(&["category"]).at("/search")))
        (help_line(app, lang))
    }
}
