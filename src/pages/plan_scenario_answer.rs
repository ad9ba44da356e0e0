//! What the page of a scenario shows: its changes, before and after and the difference, and what there is to choose from.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::plan_answer::About;
use super::{people, words};
use crate::analysis::Standing;
use crate::analysis::coverage::Totals;
use crate::analysis::what_if::{self, Shift, Step};
use crate::atlas::{Atlas, Filter};
use crate::care::Text;
use crate::care::scenario::{Changes, Objection};
use crate::http::Lang;
use crate::http::frame::Address;
use crate::http::question::Asked;
use crate::http::scenario::Outcome;

/// A figure's name, and it before, after, and the difference.
type Figure<'a> = (&'a str, Option<String>, Option<String>, Option<String>);

/// Rows of the lists to choose from.
const CHOICES: usize = 20;

/// A place that is not covered, to add a facility at.
pub struct Spot {
    name: Text,
    lon: f64,
    lat: f64,
    people: u64,
}

/// All that the result says.
pub struct Shown<'a> {
    pub outcome: &'a Outcome,
    pub asked: &'a Asked,
    pub about: &'a About,
}

/// A change that the record has overtaken: which one, counted from 1 as people count, and why.
fn overtaken(lang: Lang, pointer: &str, why: &str) -> Markup {
    let mut parts = pointer.split('/').skip(1);
    let (member, at) = (parts.next().unwrap_or_default(), parts.next().and_then(|at| at.parse::<usize>().ok()));
    let which = match member {
        "add" => lang.say("新增", "addition"),
        "close" => lang.say("关停", "closure"),
        "move" => lang.say("搬迁", "move"),
        _ => lang.say("扩建", "enlargement"),
    };
    let said = match why {
        why if why.starts_with("no facility") => Some("登记簿里已经没有这家机构"),
        why if why.contains("serves nobody now") => Some("这家机构现在不营业，怎么变都不影响覆盖"),
        why if why.starts_with("no region") => Some("登记簿里没有这个地区编码"),
        _ => None,
    };
    html! {
        (which) " " (at.map_or(1, |at| at + 1)) (lang.say("：", ": "))
        @match said.filter(|_| lang == Lang::Zh) { Some(said) => (said), None => span lang="en" { (why) } }
    }
}

/// The largest gaps that the scenario leaves.
pub fn gaps(atlas: &Atlas, standing: &Standing, changes: &Changes) -> Vec<Spot> {
    let (changes, _) = what_if::as_it_stands(atlas, changes);
    let left = what_if::shifts(atlas, standing, &changes).into_iter().filter(|shift| shift.after);
    let spot = |Shift { gap, .. }: Shift| {
        let demand = &atlas.demand()[gap.demand];
        let (lon, lat) = demand.lon_lat?;
        let region = demand.point.region.as_deref().and_then(|code| atlas.regions().get(code));
        Some(Spot { name: region.map_or("".into(), |region| region.name.clone()), lon, lat, people: gap.population })
    };
    left.take(CHOICES).filter_map(spot).collect()
}

/// The changes one by one, each with a way to take it out, and what is wrong with them.
pub fn changes(atlas: &Atlas, lang: Lang, here: &Address, members: &Map<String, Value>, wrong: &[Objection]) -> Markup {
    let items = members.iter().flat_map(|(name, list)| {
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().enumerate().map(move |(at, item)| (name.as_str(), at, item))
    });
    let about = |pointer: &str, name: &str, at: usize| {
        let own = format!("/{name}/{at}");
        pointer == own || pointer.strip_prefix(&own).is_some_and(|rest| rest.starts_with('/'))
    };
    html! {
        h2 id="changes" { (lang.say("方案里的改变", "What the scenario changes")) }
        @if members.is_empty() { p { (lang.say("还没有。在下面加一处，或从名单里选。", "Nothing yet. Add something below, or choose from the lists.")) } }
        @for (_, detail) in wrong.iter().filter(|(pointer, _)| pointer.is_empty()) { div.notice role="alert" { p lang="en" { (detail) } } }
        ul.list { @for (number, (name, at, item)) in items.enumerate() {
            @let raw = here.each(name).get(at).cloned().unwrap_or_default();
            li.item {
                p { strong { (number + 1) ". " (verb(lang, name)) } " " (described(atlas, lang, item)) }
                @for (pointer, detail) in wrong.iter().filter(|(pointer, _)| about(pointer, name, at)) {
                    div.notice role="alert" { p { (lang.say("这一条不成立：", "This cannot be: ")) span lang="en" { (detail) } " " code { (pointer) } } }
                }
                p { a.button.second href=(here.clone().without_one(name, &raw)) { (lang.say("去掉", "Take out")) } }
            }
        } }
    }
}

fn verb(lang: Lang, name: &str) -> &'static str {
    match name {
        "add" => lang.say("新增", "Add"),
        "close" => lang.say("关闭", "Close"),
        "move" => lang.say("搬迁", "Move"),
        _ => lang.say("扩建", "Enlarge"),
    }
}

/// A change in words: the kind or the facility, where, how large.
fn described(atlas: &Atlas, lang: Lang, item: &Value) -> Markup {
    let word = |name: &str| item.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let id = word("id").or_else(|| item.as_str().map(str::to_owned));
    let facility = id.as_deref().and_then(|id| id.parse().ok()).and_then(|id| atlas.facility(id));
    html! {
        @if let Some(kind) = word("kind") { (words::kind_name(atlas, lang, &kind)) }
        @match (&facility, &id) {
            (Some(entry), _) => a lang="zh-CN" href=(format!("/f/{}", entry.facility.id)) { (entry.facility.name) },
            (None, Some(id)) => code { (id) },
            (None, None) => "",
        }
        @if let (Some(lon), Some(lat)) = (word("lon"), word("lat")) { " " span.number { (lon) ", " (lat) } }
        @if let Some(measure) = word("measure") { " " (atlas.vocabulary().measure(&measure).map_or(measure.as_str(), |known| lang.say(&known.name_zh, &known.name_en))) }
        @for (name, zh, en) in [("total", "共 ", "in all "), ("free", "空余 ", "free "), ("rating", "等级 ", "rating ")] {
            @if let Some(figure) = word(name) { (lang.say("，", ", ")) (lang.say(zh, en)) (figure) }
        }
    }
}

/// The forms that add one more change.
pub fn forms(atlas: &Atlas, lang: Lang, here: &Address, asked: &Asked) -> Markup {
    let number = |id: &'static str, zh, en, required: bool| {
        html! { div.field { label for=(id) { (lang.say(zh, en)) } input id=(id) name=(id) type="number" step="any" required[required]; } }
    };
    let id = |id: &'static str| html! { div.field { label for=(id) { (lang.say("机构编号", "Id of the facility")) } input id=(id) name=(id) type="text" required; } };
    let kind = first_kind(atlas, asked);
    html! {
        details {
            summary { (lang.say("新增一处", "Add a facility")) }
            form action="/plan/scenario" { (here.hidden())
                div.grid {
                    div.field { label for="add_kind" { (lang.say("类型", "Kind")) } select id="add_kind" name="add_kind" {
                        @for known in &atlas.vocabulary().kinds { option value=(known.code) selected[kind.as_ref() == Some(&known.code)] { (lang.say(&known.name_zh, &known.name_en)) } }
                    } }
                    (number("add_lon", "经度（WGS 84）", "Longitude (WGS 84)", true)) (number("add_lat", "纬度（WGS 84）", "Latitude (WGS 84)", true))
                    (number("add_total", "容量（可不填）", "Capacity (optional)", false)) (number("add_free", "空余（可不填）", "Free (optional)", false))
                    (number("add_rating", "等级 1–5（可不填）", "Rating 1 to 5 (optional)", false))
                }
                button type="submit" { (lang.say("加进方案", "Add it")) }
            }
        }
        details {
            summary { (lang.say("关闭、搬迁或扩建一家", "Close, move or enlarge one")) }
            form action="/plan/scenario" { (here.hidden()) div.grid { (id("close_id")) } button type="submit" { (lang.say("假设关闭", "Close it")) } }
            form action="/plan/scenario" { (here.hidden()) div.grid { (id("move_id")) (number("move_lon", "新的经度", "New longitude", true)) (number("move_lat", "新的纬度", "New latitude", true)) } button type="submit" { (lang.say("假设搬迁", "Move it")) } }
            form action="/plan/scenario" { (here.hidden())
                div.grid { (id("enlarge_id"))
                    div.field { label for="enlarge_measure" { (lang.say("计量", "Measure")) } select id="enlarge_measure" name="enlarge_measure" {
                        @for measure in &atlas.vocabulary().measures { option value=(measure.code) { (lang.say(&measure.name_zh, &measure.name_en)) } } } }
                    (number("enlarge_total", "新的总数", "New total", true)) }
                button type="submit" { (lang.say("假设扩建", "Enlarge it")) }
            }
            p.quiet { (lang.say("扩建只在“只算还有空位的”时影响覆盖；目标草稿里总会算上。", "Enlarging changes coverage only where free places are asked for; drafts of targets always count it.")) }
        }
    }
}

pub fn first_kind(atlas: &Atlas, asked: &Asked) -> Option<Text> {
    let filter = &asked.question.filter;
    let grouped = || {
        let of =
            |kind: &&crate::care::Kind| filter.category.as_ref().is_some_and(|category| kind.category == *category);
        atlas.vocabulary().kinds.iter().find(of).map(|kind| kind.code.clone())
    };
    filter.kinds.first().cloned().or_else(grouped)
}

/// Places to add at and facilities to close, as links.
pub fn choices(atlas: &Atlas, lang: Lang, here: &Address, asked: &Asked, gaps: &[Spot]) -> Markup {
    let kind = first_kind(atlas, asked);
    let filter = Filter {
        region: asked.question.region.clone(),
        statuses: vec![crate::care::Status::Operating, crate::care::Status::Trial],
        ..asked.question.filter.clone()
    };
    let listed = atlas.list(&filter, None, CHOICES);
    let closed = here.each("close");
    html! {
        @if let Some(kind) = kind.filter(|_| !gaps.is_empty()) {
            h2 id="gaps" { (lang.say("还没有覆盖、人最多的地点", "The largest gaps that are left")) }
            ul.row-links { @for spot in gaps { li {
                a.row href={ (here.clone().and("add", format!("{kind},{},{}", spot.lon, spot.lat))) "#result" } {
                    span { span lang="zh-CN" { (spot.name) } (lang.say("：", ": ")) (words::count(spot.people)) (lang.say(" 人没有覆盖", " people not covered")) }
                    span { (lang.say("在这里加一处", "Add one here")) }
                }
            } } }
        }
        @if !listed.entries.is_empty() {
            h2 id="facilities" { (lang.say("现有的机构", "Facilities that are there")) }
            p { (match lang { Lang::Zh => format!("共 {} 家，这里列 {} 家；其他的用编号。", listed.matched, listed.entries.len()), Lang::En => format!("{} in all, {} of them here; name others by their id.", listed.matched, listed.entries.len()) }) }
            ul.row-links { @for entry in listed.entries.iter().filter(|entry| !closed.contains(&entry.facility.id.to_string())) { li {
                a.row href={ (here.clone().and("close", entry.facility.id)) "#result" } {
                    span lang="zh-CN" { (entry.facility.name) @if entry.facility.demo { span lang=(lang.tag()) { (lang.say("（演示）", " (demo)")) } } }
                    span { (lang.say("假设关闭", "Close it")) }
                }
            } } }
        }
    }
}

/// Before, after, the difference; by region; what it rests on.
pub fn result(atlas: &Atlas, lang: Lang, shown: &Shown) -> Markup {
    let answer = &shown.outcome.answer;
    let (before, after, step) = (&answer.before.totals, &answer.after.totals, &answer.difference.totals);
    let caption = lang.say("前后对照", "Before and after");
    let heads = [lang.say("之前", "Before"), lang.say("之后", "After"), lang.say("差", "Difference")];
    let far = |totals: &Totals| totals.mean_m.map(|metres| words::distance(lang, metres));
    let kilometres = |metres: Option<f64>| metres.map(|metres| words::count((metres / 1000.0).round() as u64));
    let people = |people: Option<u64>| people.map(words::count);
    let rows: [Figure; 5] = [
        (
            lang.say("覆盖率", "Share covered"),
            before.share.map(words::percent),
            after.share.map(words::percent),
            step.share.map(|share| signed(share * 100.0, 1) + lang.say(" 个百分点", " points")),
        ),
        (
            lang.say("没有覆盖的人", "People not covered"),
            people(before.uncovered),
            people(after.uncovered),
            step.uncovered.map(|n| signed(n as f64, 0)),
        ),
        (
            lang.say("平均直线距离", "Mean straight line"),
            far(before),
            far(after),
            step.mean_m.map(|metres| signed(metres, 0) + lang.say(" 米", " m")),
        ),
        (
            lang.say("人 × 距离（人公里）", "People × distance (person-km)"),
            kilometres(before.person_m),
            kilometres(after.person_m),
            step.person_m.map(|metres| signed(metres / 1000.0, 0)),
        ),
        (lang.say("机构", "Facilities"), None, None, Some(signed(step.facilities as f64, 0))),
    ];
    html! {
        h2 id="result" { (lang.say("结果", "Result")) }
        @if let (Some(was), Some(is), Some(left)) = (before.share, after.share, after.uncovered) {
            p.status role="status" id="said" { (lang.say("覆盖率从 ", "The share covered goes from ")) strong { (words::percent(was)) } (lang.say(" 到 ", " to ")) strong { (words::percent(is)) }
                (lang.say("；还有 ", "; ")) strong { (words::count(left)) } (lang.say(" 人没有覆盖。", " people are still not covered.")) }
        }
        @if before.population.is_none() { div.notice { p role="status" { (lang.say("这里没有人口数据，算不出覆盖率；这不等于没有缺口。", "There is no population data here, so there is no share; that does not mean that there is no gap.")) } } }
        @for (pointer, why) in &shown.outcome.left_out { div.notice { p { (lang.say("登记簿变了，这一条没有算：", "The record has moved on; left out: ")) (overtaken(lang, pointer, why)) } } }
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table.cards {
                caption { (caption) }
                thead { tr { th scope="col" { (lang.say("指标", "Figure")) } @for head in heads { th.n scope="col" { (head) } } } }
                tbody { @for (name, before, after, difference) in &rows { tr {
                    th scope="row" { (name) }
                    @for (head, value) in heads.iter().zip([before, after, difference]) { td.n data-label=(head) { @match value { Some(value) => (value), None => "–" } } }
                } } }
            }
        }
        (regions(lang, shown))
        section.block {
            h2 id="method" { (lang.say("怎么算的", "How it is calculated")) }
            p { (lang.say("直线距离（WGS 84 大地线），按人数算。只有可能改到别家的需求点重新找最近的机构，其余不变；与全部重算的结果相同。新增的机构没有填的容量、空余和等级都当作不知道。",
                          "Straight lines (WGS 84 geodesics), by people. Only demand points that may change to another facility look for the nearest anew; the result is that of calculating everything again. What is not told of a new facility (capacity, free places, rating) is unknown.")) }
            p { (lang.say("直线 ", "Within ")) (words::radius(lang, (answer.standard.within_m * 10.0).round() / 10.0)) (lang.say("以内；", " in a straight line; ")) (people::counted(atlas.vocabulary(), lang, &shown.asked.question.weight)) (lang.say("；重新计算的需求点：", "; demand points asked anew: ")) (answer.demand_points_touched) (lang.say("。", ".")) }
            p.source { (lang.say("机构数据：第 ", "Facilities: revision ")) (answer.revision) (lang.say(" 版，", ", ")) span.number { (answer.as_of.with_timezone(&atlas.zone()).format("%Y-%m-%d %H:%M")) }
                br; (lang.say("人口数据日期：", "Population as of: "))
                @match shown.about.dates { Some((first, last)) => { (words::day(lang, first)) @if first != last { (lang.say(" 至 ", " to ")) (words::day(lang, last)) } }, None => (words::unknown(lang)) }
                @if answer.before.not_located.facilities > 0 { br; (answer.before.not_located.facilities) (lang.say(" 家机构没有确认的位置，没有算在内。", " facilities have no confirmed position and are left out.")) } }
            (people::missing(lang, &people::Missing {
                weight: &shown.asked.question.weight,
                demand_points: before.unknown_population,
                aged_60: before.unknown_aged_60,
                regions: before.regions_without_population,
                class: None,
                year: shown.asked.question.population_year,
            }))
        }
    }
}

fn regions(lang: Lang, shown: &Shown) -> Markup {
    let rows = &shown.outcome.answer.difference.rows;
    let caption = lang.say("有变化的地区", "Regions in which something changes");
    let heads = [
        lang.say("多覆盖的人", "More people covered"),
        lang.say("覆盖率变化", "Share"),
        lang.say("平均距离变化", "Mean distance"),
        lang.say("机构", "Facilities"),
    ];
    let unknown = || words::unknown(lang);
    html! {
        @if rows.is_empty() { p { (lang.say("没有哪个地区有变化。", "No region changes.")) } } @else {
            div.scroll role="region" aria-label=(caption) tabindex="0" {
                table.cards {
                    caption { (caption) }
                    thead { tr { th scope="col" { (lang.say("地区", "Region")) } @for head in heads { th.n scope="col" { (head) } } } }
                    tbody { @for row in rows { @let Step { covered, share, mean_m, facilities, .. } = &row.step; tr {
                        th scope="row" { @match &row.name { Some(name) => span lang="zh-CN" { (name) }, None => (people::row_name(lang, row.class)) } }
                        td.n data-label=(heads[0]) { @match covered { Some(people) => (signed(*people as f64, 0)), None => (unknown()) } }
                        td.n data-label=(heads[1]) { @match share { Some(share) => { (signed(share * 100.0, 1)) (lang.say(" 个百分点", " points")) }, None => (unknown()) } }
                        td.n data-label=(heads[2]) { @match mean_m { Some(metres) => { (signed(*metres, 0)) (lang.say(" 米", " m")) }, None => (unknown()) } }
                        td.n data-label=(heads[3]) { (signed(*facilities as f64, 0)) }
                    } } }
                }
            }
        }
    }
}

/// A difference with its sign.
pub fn signed(value: f64, digits: usize) -> String {
    let text = format!("{value:+.digits$}");
    // What rounds to nothing has no sign.
    if text.trim_start_matches(['+', '-']).chars().all(|c| matches!(c, '0' | '.')) {
        format!("{:.digits$}", 0.0)
    } else {
        text.replace('-', "−")
    }
}

#[cfg(test)]
mod tests {
    use super::signed;

    #[test]
    fn a_difference_has_a_sign_unless_it_is_none() {
        assert_eq!([signed(12.0, 0), signed(-3.25, 1), signed(-0.01, 1), signed(0.0, 0)], ["+12", "−3.2", "0.0", "0"]);
    }
}
