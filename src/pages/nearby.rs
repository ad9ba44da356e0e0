//! Results: the nearest facilities to a start, the filters that were set, and a way on where there is none.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::card::Cards;
use super::start::Start;
use super::{districts, home, words};
use crate::atlas::{Atlas, Filter, Hit, PlaceTarget};
use crate::http::frame::{Address, Frame, help_line};
use crate::http::{App, Lang};

/// Facilities on a page.
pub const PAGE: usize = 10;
/// As many pages as there are; past a hundred places, a nearer start helps more than another page.
pub const PAGES: usize = 10;
/// The radii that a person may choose, in metres.
pub const RADII: [f64; 7] = [500.0, 1000.0, 2000.0, 3000.0, 5000.0, 10_000.0, 20_000.0];
/// Past this the nearest is not near, and the page says so.
const FAR_M: f64 = 30_000.0;
/// What the filters of the form set.
const NARROWING: [&str; 7] = ["open_at", "min_free", "min_rating", "max_price", "service", "measure", "kind"];

/// A search that knows where it starts.
pub struct Asked {
    pub start: Start,
    pub q: Option<String>,
    pub filter: Filter,
    pub within_m: Option<f64>,
    pub page: usize,
    pub now: DateTime<Utc>,
}

pub fn page(app: &App, request: &HttpRequest, atlas: &Arc<Atlas>, asked: &Asked) -> HttpResponse {
    let Asked { start, filter, within_m, page, now, .. } = asked;
    let address = Address::of(request);
    // One more than can be shown tells whether there are more.
    let hits = atlas.nearest(start.lon, start.lat, filter, PAGE * PAGES + 1, *within_m);
    let more = hits.len() > PAGE * PAGES;
    let total = hits.len().min(PAGE * PAGES);
    let shown: Vec<&Hit> = hits.iter().take(total).skip((page - 1) * PAGE).take(PAGE).collect();

    let lang = Lang::of(request);
    let what = what(atlas, lang, filter);
    let title = match lang {
        Lang::Zh => format!("{}附近的{what}", start.name),
        Lang::En => format!("{what} near {}", start.name),
    };
    let mut frame = Frame::new(app, request, if total == 0 { format!("0 - {title}") } else { title.clone() });
    frame.demo = shown.iter().any(|hit| hit.entry.facility.demo);
    let base = address.clone().without(&["q", "place", "page", "pick", "datum"]);
    let point = base.clone().with("lon", start.lon).with("lat", start.lat);
    frame.json = Some(point.clone().at("/api/v1/nearest").with("limit", (page * PAGE).min(100)));
    let map = point.clone().at("/map").with("place", &start.name);
    let cards = Cards { app, atlas, lang, now: *now, compare: true };
    frame.answer(html! {
        h1 { @if lang == Lang::Zh { (title) } @else { (&what) " near " span lang="zh-CN" { (start.name) } } }
        (meant(atlas, lang, asked, &address))
        (own(&cards, asked, &shown, &what))
        p.status role="status" {
            @if total > 0 {
                (count(lang, total, more)) (lang.say("，按直线距离从近到远。", ", nearest first, by straight line."))
            } @else { (lang.say("没有找到符合条件的。", "Nothing matches.")) }
        }
        @if shown.first().is_some_and(|hit| hit.distance_m > FAR_M) {
            div.notice { p { (lang.say("最近的也不近。也许附近的机构还没有登记。", "Even the nearest is far away; perhaps those nearby are not registered yet.")) } }
        }
        @if total == 0 { (none(app, atlas, lang, asked, &address)) }
        div.buttons {
            a.button.second href=(map) { (lang.say("在地图上看", "See on a map")) }
        }
        (filters(lang, asked, &address))
        @if !shown.is_empty() {
            form id="compare" action="/compare" {}
            ol.list { @for hit in &shown { (cards.card(&hit.entry, Some(hit.distance_m))) } }
            p { button.second.full type="submit" form="compare" { (lang.say("比较选中的（2 到 3 家）", "Compare the ticked (2 or 3)")) } }
            (pages(lang, *page, total, &address))
        }
        (narrower(atlas, lang, filter, &address))
    })
}

/// What is searched for, in words.
fn what(atlas: &Atlas, lang: Lang, filter: &Filter) -> String {
    if let [kind] = filter.kinds.as_slice() {
        return words::kind_name(atlas, lang, kind).to_owned();
    }
    let category = filter.category.as_deref().unwrap_or_default();
    let choice = home::CHOICES.iter().find(|(code, ..)| *code == category && !category.is_empty());
    let other = crate::care::kind::CATEGORIES.iter().find(|(code, ..)| *code == category);
    match (choice, other) {
        (Some((_, zh, en)), _) => lang.say(zh, en),
        (None, Some((_, zh, en, _))) => lang.say(zh, en),
        _ => lang.say("机构", "Facilities"),
    }
    .to_owned()
}

fn count(lang: Lang, total: usize, more: bool) -> String {
    match (lang, more) {
        (Lang::Zh, false) => format!("找到 {total} 家"),
        (Lang::Zh, true) => format!("找到 {total} 家以上"),
        (Lang::En, false) => format!("{total} found"),
        (Lang::En, true) => format!("More than {total} found"),
    }
}

/// The facility whose name or number was searched, where it is not among those listed: it may be of another kind.
fn own(cards: &Cards<'_>, asked: &Asked, shown: &[&Hit], what: &str) -> Markup {
    let named = match &asked.start.target {
        Some(PlaceTarget::Facility { id, .. }) if asked.page == 1 => cards.atlas.facility(*id),
        _ => None,
    };
    let listed = |id| shown.iter().any(|hit| hit.entry.facility.id == id);
    let Some(entry) = named.filter(|entry| !listed(entry.facility.id)) else { return html! {} };
    let (atlas, lang) = (cards.atlas, cards.lang);
    let kind = words::kind_name(atlas, lang, &entry.facility.kind);
    html! {
        h2 { (lang.say("您找的机构", "The facility that you named")) }
        p { @match lang {
            Lang::Zh => { "它是" (kind) "，不在下面所列的“" (what) "”里。" }
            Lang::En => { "It is of the kind " (kind) " and not among those listed below (" (what) ")." }
        } }
        ol.list { (cards.card(entry, None)) }
    }
}

/// How the start was understood, and the way to another one.
fn meant(atlas: &Atlas, lang: Lang, asked: &Asked, address: &Address) -> Markup {
    let start = &asked.start;
    html! {
        p {
            @match &start.target {
                Some(PlaceTarget::Region { code, .. }) => {
                    (lang.say("从 ", "Measured from the middle of ")) span lang="zh-CN" { (words::path(&atlas.regions().path(code))) } (lang.say(" 的中心量起。", ". "))
                }
                Some(PlaceTarget::Facility { id, .. }) => {
                    (lang.say("从 ", "Measured from ")) a lang="zh-CN" href=(format!("/f/{id}")) { (start.name) } (lang.say(" 量起。", ". "))
                }
                None => { (lang.say("从 ", "Measured from ")) span lang="zh-CN" { (start.name) } (lang.say(" 量起。", ". ")) }
            }
            @if start.partly { (lang.say("没有查到完整的地址，先从地址里的这个地方量起。", "The whole address is not known; this part of it is. ")) }
            @if start.others > 0 {
                a href=(address.clone().with("pick", 1)) { (lang.say("不是这里？还有 ", "Not this one? See ")) (start.others) (lang.say(" 个名字相近的地点", " more with a like name")) }
                " · "
            }
            a href="/" { (lang.say("换一个地点", "Start elsewhere")) }
        }
    }
}

/// Nothing found: the next radius that holds something, or the search without its filters, each with its count.
fn none(app: &App, atlas: &Atlas, lang: Lang, asked: &Asked, address: &Address) -> Markup {
    let start = &asked.start;
    let most = PAGE * PAGES;
    let beyond = atlas.nearest(start.lon, start.lat, &asked.filter, most, None);
    let wider = beyond.first().map(|hit| {
        let radius = RADII.into_iter().find(|radius| *radius >= hit.distance_m);
        (radius, beyond.iter().filter(|found| radius.is_none_or(|radius| found.distance_m <= radius)).count())
    });
    let narrowed = address.has(&NARROWING);
    let plain =
        Filter { category: asked.filter.category.clone(), region: asked.filter.region.clone(), ..Filter::default() };
    let dropped = if narrowed { atlas.nearest(start.lon, start.lat, &plain, most, asked.within_m).len() } else { 0 };
    let address = address.clone().without(&["page"]);
    html! {
        div.notice {
            @if let Some((radius, count)) = wider {
                @match radius {
                    Some(metres) => p { a href=(address.clone().with("within_m", metres)) { (words::radius(lang, metres)) (lang.say("内有 ", ": ")) (count) (lang.say(" 家", " found")) } },
                    None => p { a href=(address.clone().without(&["within_m"])) { (lang.say("不限距离有 ", "At any distance: ")) (count) (lang.say(" 家", " found")) } },
                }
            }
            @if dropped > 0 {
                p { a href=(address.clone().without(&NARROWING)) { (lang.say("去掉条件有 ", "Without the filters: ")) (dropped) (lang.say(" 家", " found")) } }
            }
            @if wider.is_none() && dropped == 0 {
                p { (lang.say("这里还没有登记这类机构。", "No facility of this kind is registered here.")) }
                (districts::links(atlas, lang, &address.clone().only(&["category"])))
            }
            (help_line(app, lang))
        }
    }
}

fn filters(lang: Lang, asked: &Asked, address: &Address) -> Markup {
    let filter = &asked.filter;
    let set = address.has(&NARROWING) || address.has(&["within_m"]);
    let kept = address.clone().without(&["category", "within_m", "open_at", "min_free", "min_rating", "page"]);
    let category = filter.category.as_deref().unwrap_or_default();
    html! {
        details open[set] {
            summary { (lang.say("筛选", "Filters")) }
            form action="/search" {
                (kept.hidden())
                div.grid {
                    div.field {
                        label for="category" { (lang.say("类别", "Category")) }
                        select id="category" name="category" {
                            option value="" { (lang.say("全部", "All")) }
                            @for (code, zh, en, _) in crate::care::kind::CATEGORIES {
                                option value=(code) selected[code == category] { (lang.say(zh, en)) }
                            }
                        }
                    }
                    div.field {
                        label for="within_m" { (lang.say("直线距离", "Straight-line distance")) }
                        select id="within_m" name="within_m" {
                            option value="" { (lang.say("不限", "Any")) }
                            @for radius in RADII {
                                option value=(radius) selected[asked.within_m == Some(radius)] { (words::radius(lang, radius)) (lang.say("以内", " or less")) }
                            }
                        }
                    }
                    div.field {
                        label for="min_rating" { (lang.say("等级", "Rating")) }
                        select id="min_rating" name="min_rating" {
                            option value="" { (lang.say("不限", "Any")) }
                            @for level in 1..=5u8 {
                                option value=(level) selected[filter.min_rating == Some(level)] { (level) (lang.say(" 级（星）以上", " or better")) }
                            }
                        }
                    }
                }
                div.field {
                    label.check { input type="checkbox" name="open_at" value="now" checked[filter.open_at.is_some()]; (lang.say("正在开放", "Open now")) }
                    " "
                    label.check { input type="checkbox" name="min_free" value="1" checked[filter.min_free.is_some_and(|free| free > 0)]; (lang.say("还有空床或空位", "Has free places")) }
                }
                button type="submit" { (lang.say("按条件查找", "Apply")) }
            }
        }
    }
}

fn pages(lang: Lang, page: usize, total: usize, address: &Address) -> Markup {
    let last = total.div_ceil(PAGE);
    html! {
        @if last > 1 {
            nav.pages aria-label=(lang.say("翻页", "Pages")) {
                @if page > 1 { a.button.second href=(address.clone().with("page", page - 1)) { (lang.say("上一页", "Previous")) } }
                p.number { (page) " / " (last) }
                @if page < last { a.button.second href=(address.clone().with("page", page + 1)) { (lang.say("下一页", "Next")) } }
            }
        }
    }
}

/// The regions below the one that was chosen, to come nearer.
fn narrower(atlas: &Atlas, lang: Lang, filter: &Filter, address: &Address) -> Markup {
    let children = filter.region.as_deref().map(|code| atlas.regions().children(code)).unwrap_or_default();
    html! {
        @if !children.is_empty() {
            h2 { (lang.say("再近一点", "Come nearer")) }
            ul.chips { @for child in children { (districts::link(child, lang, &address.clone().without(&["page"]))) } }
        }
    }
}
