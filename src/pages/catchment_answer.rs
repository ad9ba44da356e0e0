//! The answer of capacity against need: totals, regions, who reaches nothing, and what the numbers rest on.

use maud::{Markup, html};

use super::plan_answer::{About, partly};
use super::{catchment_method, people, plan_areas, plan_method, words};
use crate::analysis::catchment::answer::Row;
use crate::analysis::{Catchment, CatchmentQuestion};
use crate::atlas::Atlas;
use crate::http::Lang;
use crate::http::frame::Address;

/// The order of the rows. What is not known stands last in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Access,
    Gap,
    Unreached,
    Name,
}

impl Sort {
    pub const CODES: [&str; 4] = ["access", "gap", "unreached", "name"];

    pub fn from_code(code: &str) -> Option<Sort> {
        let all = [Sort::Access, Sort::Gap, Sort::Unreached, Sort::Name];
        Sort::CODES.iter().position(|known| *known == code).map(|at| all[at])
    }
}

/// All that the page says.
pub struct Answer<'a> {
    pub atlas: &'a Atlas,
    pub lang: Lang,
    pub question: &'a CatchmentQuestion,
    pub found: &'a Catchment,
    /// The largest demand points that reach nothing.
    pub unreached: &'a [Row],
    /// How many of them there are in all.
    pub count: usize,
    /// How many rows there are in all.
    pub matched: usize,
    pub about: &'a About,
    pub sort: Sort,
    pub here: &'a Address,
}

impl Answer<'_> {
    /// The same question in the API.
    pub fn api(&self) -> Address {
        let asked = self.here.clone().without(&["sort"]).at("/api/v1/catchment");
        match self.found.method.by {
            Some(by) => asked.with("by", by),
            None => asked,
        }
    }

    pub fn title(&self) -> String {
        let area = self.area();
        let totals = &self.found.totals;
        match (self.lang, totals.per_1000) {
            (Lang::Zh, Some(beds)) => format!("规划：每千人够得着 {beds:.1} {}，{area}", self.unit()),
            (Lang::En, Some(beds)) => {
                format!("Planning: {beds:.1} {} within reach of 1,000 people, {area}", self.unit())
            }
            (lang, None) => {
                let why = match totals.population {
                    Some(1..) => lang.say("数量没有登记", "capacity not known"),
                    none => people::no_share(lang, none),
                };
                format!("{}{why}{}{area}", lang.say("规划：", "Planning: "), lang.say("，", ", "))
            }
        }
    }

    fn area(&self) -> String {
        let region = self.question.region.as_deref().and_then(|code| self.atlas.regions().get(code));
        region.map_or(self.lang.say("全部地区", "everywhere").to_owned(), |region| region.name.to_string())
    }

    /// 张床位, beds.
    fn unit(&self) -> String {
        let code = &self.found.method.measure;
        match self.atlas.vocabulary().measure(code) {
            Some(measure) => match self.lang {
                Lang::Zh => format!("{}{}", measure.unit_zh, measure.name_zh),
                Lang::En => measure.name_en.to_string(),
            },
            None => code.to_string(),
        }
    }
}

pub fn show(answer: &Answer) -> Markup {
    html! {
        h2 id="result" { (answer.lang.say("结果", "Result")) }
        (figures(answer))
        (plan_areas::reach(answer.atlas, answer.lang, &answer.found.rows, (answer.question.target.map(|target| target.per_1000), &answer.unit()), &answer.here.clone().without(&["sort"])))
        (rows(answer))
        (nothing(answer))
        (downloads(answer))
        (catchment_method::method(answer))
    }
}

/// A figure with one digit behind the point.
fn one(number: f64) -> String {
    let text = format!("{:.1}", number.abs());
    let (whole, tenth) = text.split_once('.').unwrap_or((&text, "0"));
    let sign = if number < 0.0 { "−" } else { "" };
    format!("{sign}{}.{tenth}", words::count(whole.parse::<u64>().unwrap_or_default()))
}

fn told(lang: Lang, number: Option<f64>) -> Markup {
    html! { @match number { Some(number) => (one(number)), None => (words::unknown(lang)) } }
}

fn counted(lang: Lang, number: Option<u64>) -> Markup {
    html! { @match number { Some(number) => (words::count(number)), None => (words::unknown(lang)) } }
}

/// 缺 or 富余, in words and not by a sign alone.
fn lacking(lang: Lang, gap: Option<f64>) -> Markup {
    html! { @match gap {
        Some(gap) if gap >= 0.0 => { (lang.say("缺 ", "lacks ")) strong { (one(gap)) } },
        Some(gap) => { (lang.say("富余 ", "over by ")) (one(-gap)) },
        None => (words::unknown(lang)),
    } }
}

fn figures(answer: &Answer) -> Markup {
    let (lang, totals, unit) = (answer.lang, &answer.found.totals, answer.unit());
    let whom = people::counted(answer.atlas.vocabulary(), lang, &answer.question.weight);
    let target = answer.question.target;
    html! {
        @match (totals.population, totals.unreached_population, totals.unsure_population) {
            (Some(population), Some(unreached), Some(unsure)) => {
                p.status role="status" {
                    @match lang {
                        Lang::Zh => { (answer.area()) "有 " (whom) " " strong { (words::count(population)) } " 人，" @match totals.reached_capacity { Some(reached) => { "够得着 " strong { (one(reached)) } " " (unit) "，每千人 " strong { (told(lang, totals.per_1000)) } }, None => { "够得着多少" (unit) "，没有登记" } } "；有 " strong { (words::count(unreached)) } " 人一" (answer.unit()) "也够不着。" },
                        Lang::En => { span lang="zh-CN" { (answer.area()) } ": " strong { (words::count(population)) } " " (whom) @match totals.reached_capacity { Some(reached) => { " have " strong { (one(reached)) } " " (unit) " within reach, " strong { (told(lang, totals.per_1000)) } " for 1,000 people; " }, None => { ": how many " (unit) " they reach is not registered; " } } strong { (words::count(unreached)) } " reach none." },
                    }
                    @if unsure > 0 { (lang.say("另有 ", " Of ")) strong { (words::count(unsure)) } (lang.say(" 人够得着的机构都没有登记数量，够不够不知道。", " more it is not known: no facility within their reach has registered its capacity.")) }
                }
                dl.figures {
                    div.figure { dt { (lang.say("每千人够得着", "Within reach of 1,000")) } dd { (told(lang, totals.per_1000)) } }
                    @if let Some(target) = target {
                        div.figure { dt { (lang.say("目标：每千人 ", "Target for 1,000: ")) (target.per_1000) } dd { (lacking(lang, totals.gap)) } }
                    }
                    div.figure { dt { (lang.say("够不着的人", "People who reach none")) } dd { (words::count(unreached)) } }
                    div.figure { dt { (lang.say("本地共有", "Standing here")) } dd { (counted(lang, totals.capacity)) } }
                    div.figure { dt { (lang.say("本地每千人", "Standing here for 1,000")) } dd { (told(lang, totals.capacity_per_1000)) } }
                }
            }
            _ => div.notice {
                h2 { (lang.say("这里没有人口数据", "No population data here")) }
                p role="status" { (lang.say("没有人口数据，就算不出每千人多少；这不等于不缺。请管理员导入人口文件：", "Without population there is nothing to hold capacity against; that does not mean that nothing is lacking. Ask the operator to import a population file: "))
                    code { "silver-atlas import population FILE" } }
            },
        }
        (people::missing_of_need(lang, &answer.question.weight, answer.question.population_year, totals))
        @if let Some(told) = answer.found.target.as_ref().filter(|told| told.same_base == Some(false)) {
            p.notice { (lang.say("注意：这个目标按 ", "Mind: this target counts people ")) (told.base.unwrap_or_default()) (lang.say(" 岁的人算，本页按 ", ", this page counts ")) (whom) (lang.say("算，两者不能直接相比。", "; the two do not compare.")) }
        }
    }
}

fn rows(answer: &Answer) -> Markup {
    let lang = answer.lang;
    let target = answer.question.target.is_some();
    let mut rows: Vec<&Row> = answer.found.rows.iter().collect();
    // From the largest, or with the sign turned from the smallest; the API's order stands among equals.
    let key = |row: &Row| match answer.sort {
        Sort::Access => row.access.map(|access| -access),
        Sort::Gap => row.gap,
        Sort::Unreached => row.area.as_ref().and_then(|area| Some(area.unreached_population? as f64)),
        Sort::Name => None,
    };
    match answer.sort {
        Sort::Name => rows.sort_by(|a, b| a.region.cmp(&b.region)),
        _ => rows.sort_by(|a, b| key(b).unwrap_or(f64::NEG_INFINITY).total_cmp(&key(a).unwrap_or(f64::NEG_INFINITY))),
    }
    rows.truncate(plan_areas::SHOWN);
    let caption = lang.say("各地区", "By region");
    let head = |sort: Sort, zh, en| {
        let on = answer.sort == sort;
        let to = answer.here.clone().with("sort", Sort::CODES[sort as usize]);
        html! { a href={ (to) "#regions" } aria-current=[on.then_some("true")] { (lang.say(zh, en)) @if on { " ↓" } } }
    };
    let heads = [
        lang.say("人数", "People"),
        lang.say("每千人够得着", "Within reach of 1,000"),
        lang.say("与目标相比", "Against the target"),
        lang.say("够不着的人", "Reach none"),
        lang.say("本地共有", "Standing here"),
        lang.say("本地每千人", "Here for 1,000"),
        lang.say("机构", "Facilities"),
    ];
    html! {
        h2 id="regions" { (caption) }
        @if rows.is_empty() { p { (lang.say("没有下一级地区。", "There are no regions below.")) } } @else {
        (plan_areas::rest(lang, rows.len(), answer.matched, &answer.api().with("format", "csv")))
        p { (lang.say("排序：", "Order: ")) (head(Sort::Access, "够得着的最少", "least within reach"))
            @if target { " · " (head(Sort::Gap, "缺得最多", "most lacking")) }
            " · " (head(Sort::Unreached, "够不着的人最多", "most people who reach none")) " · " (head(Sort::Name, "地区编码", "region code")) }
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table.cards {
                caption { (caption) (lang.say("（", " (")) (answer.unit()) (lang.say("）", ")")) }
                thead { tr { th scope="col" { (lang.say("地区", "Region")) }
                    @for (_, head) in heads.iter().enumerate().filter(|(at, _)| target || *at != 2) { th.n scope="col" { (head) } } } }
                tbody { @for row in rows { @let area = row.area.as_ref();
                    tr {
                        th scope="row" { @match (&row.region, &row.name) {
                            (Some(code), name) => a lang="zh-CN" href=(answer.here.clone().with("region", code).without(&["by"])) { (name.as_ref().unwrap_or(code)) },
                            _ => (lang.say("不在任何地区内", "in no region")),
                        } }
                        td.n data-label=(heads[0]) { @match row.population { Some(people) => (words::count(people)), None => (lang.say("没有人口数据", "no population data")) } @if let Some(area) = area { (partly(lang, area.unknown_population, area.regions_without_population)) } }
                        td.n data-label=(heads[1]) { strong { (told(lang, row.per_1000)) } }
                        @if target { td.n data-label=(heads[2]) { (lacking(lang, row.gap)) } }
                        td.n data-label=(heads[3]) { (counted(lang, area.and_then(|area| area.unreached_population)))
                            @if let Some(people) = area.and_then(|area| area.unsure_population).filter(|people| *people > 0) { br; span.quiet { (lang.say("另有不详 ", "not known of ")) (words::count(people)) } } }
                        td.n data-label=(heads[4]) { (counted(lang, area.and_then(|area| area.capacity))) }
                        td.n data-label=(heads[5]) { (told(lang, area.and_then(|area| area.capacity_per_1000))) }
                        td.n data-label=(heads[6]) { (words::count(area.map_or(0, |area| area.facilities) as u64))
                            @if let Some(count) = area.map(|area| area.capacity_unknown).filter(|count| *count > 0) { br; span.quiet { (lang.say("另有没登记数量的 ", "and without a number ")) (count) } } }
                    }
                } }
            }
        } }
    }
}

/// Who reaches nothing.
fn nothing(answer: &Answer) -> Markup {
    let (lang, atlas) = (answer.lang, answer.atlas);
    let caption = lang.say("够不着的人在哪里", "Where those are who reach none");
    let head = lang.say("人数", "People");
    html! {
        @if !answer.unreached.is_empty() {
            h2 id="unreached" { (caption) }
            p { (lang.say("共 ", "")) (words::count(answer.count as u64)) (lang.say(" 处，这里列人数最多的 ", " places in all; here are the ")) (answer.unreached.len()) (lang.say(" 处，全部在下面的文件里。", " with most people. The files below hold all.")) }
            div.scroll role="region" aria-label=(caption) tabindex="0" {
                table.cards {
                    caption { (caption) }
                    thead { tr { th scope="col" { (lang.say("地点", "Place")) } th.n scope="col" { (head) } } }
                    tbody { @for row in answer.unreached {
                        tr {
                            th scope="row" {
                                @let path = row.region.as_deref().map(|code| atlas.regions().path(code)).unwrap_or_default();
                                @let tail = path.get(path.len().saturating_sub(3)..).unwrap_or_default();
                                @match row.lon.zip(row.lat) {
                                    Some((lon, lat)) => a lang="zh-CN" href=(Address::new("/search").with("lon", lon).with("lat", lat).with("place", path.last().map_or("", |region| &region.name))) { (words::path(tail)) },
                                    None => span lang="zh-CN" { (words::path(tail)) },
                                }
                                @if row.demo { " " span.tag.demo { (lang.say("演示", "demo")) } }
                            }
                            td.n data-label=(head) { strong { @match row.population { Some(people) => (words::count(people)), None => (words::unknown(lang)) } } }
                        }
                    } }
                }
            }
        }
    }
}

fn downloads(answer: &Answer) -> Markup {
    let (lang, rows) = (answer.lang, answer.api());
    let points = rows.clone().with("by", "point").with("limit", 20_000);
    let cover = answer
        .here
        .clone()
        .only(&["region", "kind", "category", "within_m", "weight", "min_rating", "as_of"])
        .at("/plan");
    let unreached = points.clone().with("reached", "false").with("format", "geojson");
    plan_method::downloads(
        lang,
        &[
            (
                rows.clone().with("format", "csv"),
                Some("catchment.csv"),
                lang.say("各地区（CSV 表格）", "Regions (CSV)"),
            ),
            (
                points.with("format", "csv"),
                Some("catchment-points.csv"),
                lang.say("各需求点（CSV 表格）", "Demand points (CSV)"),
            ),
            (
                unreached,
                Some("unreached.geojson"),
                lang.say("够不着的地点（GeoJSON）", "Places that reach none (GeoJSON)"),
            ),
            (
                rows.clone().with("format", "geojson"),
                Some("catchment.geojson"),
                lang.say("各地区（GeoJSON）", "Regions (GeoJSON)"),
            ),
            (rows, None, lang.say("同一个问题的 JSON", "The same question as JSON")),
            (cover, None, lang.say("在地图上看覆盖", "Coverage on the map")),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::one;

    #[test]
    fn a_figure_has_one_digit_behind_the_point_and_its_thousands_grouped() {
        assert_eq!([0.0, 0.96, 12.34, -3.5, 1234.99].map(one), ["0.0", "1.0", "12.3", "−3.5", "1,235.0"]);
    }
}
