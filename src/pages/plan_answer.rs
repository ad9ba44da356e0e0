//! The plan's answer: the share, the ranked gaps, the map, and what the numbers rest on.

use std::cmp::Reverse;

use chrono::NaiveDate;
use maud::{Markup, html};

use super::map::{self, Canvas};
use super::plan_views::{self, Days};
use super::{people, plan_areas, plan_method, words};
use crate::analysis::coverage::Row;
use crate::analysis::{Coverage, CoverageQuestion, Gap};
use crate::atlas::Atlas;
use crate::care::Text;
use crate::http::Lang;
use crate::http::frame::Address;
use crate::http::links::GAPS;

/// What the population rests on.
#[derive(Debug, Default)]
pub struct About {
    /// The oldest and the newest date of a number.
    pub dates: Option<(NaiveDate, NaiveDate)>,
    pub sources: Vec<Text>,
    pub demo: bool,
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Uncovered,
    Share,
    Name,
}

impl Sort {
    pub const CODES: [&str; 3] = ["uncovered", "share", "name"];

    pub fn from_code(code: &str) -> Option<Sort> {
        [Sort::Uncovered, Sort::Share, Sort::Name]
            .into_iter()
            .zip(Sort::CODES)
            .find(|(_, known)| *known == code)
            .map(|(sort, _)| sort)
    }
}

/// All that the page says.
pub struct Answer<'a> {
    pub atlas: &'a Atlas,
    pub lang: Lang,
    pub question: &'a CoverageQuestion,
    pub coverage: &'a Coverage,
    /// The largest gaps.
    pub gaps: &'a [Gap],
    /// How many gaps there are in all.
    pub found: usize,
    pub about: &'a About,
    /// The days of a trend.
    pub days: Days<'a>,
    pub sort: Sort,
    pub here: &'a Address,
}

impl Answer<'_> {
    /// The same question in the API.
    pub fn api(&self, path: &str) -> Address {
        self.here.clone().without(&["sort", "trend"]).at(path)
    }

    pub fn title(&self) -> String {
        let share = self.coverage.totals.share.map(words::percent);
        match (self.lang, share) {
            (Lang::Zh, Some(share)) => format!("规划：覆盖 {share}，{}", self.area()),
            (Lang::En, Some(share)) => format!("Planning: {share} covered, {}", self.area()),
            (Lang::Zh, None) => {
                format!("规划：{}，{}", people::no_share(self.lang, self.coverage.totals.population), self.area())
            }
            (Lang::En, None) => {
                format!("Planning: {}, {}", people::no_share(self.lang, self.coverage.totals.population), self.area())
            }
        }
    }

    fn area(&self) -> String {
        let region = self.question.region.as_deref().and_then(|code| self.atlas.regions().get(code));
        region.map_or(self.lang.say("全部地区", "everywhere").to_owned(), |region| region.name.to_string())
    }

    fn what(&self) -> String {
        let filter = &self.question.filter;
        let category = filter
            .category
            .as_deref()
            .and_then(|code| crate::care::kind::CATEGORIES.iter().find(|known| known.0 == code));
        match (filter.kinds.as_slice(), category) {
            ([], Some(category)) => self.lang.say(category.1, category.2).to_owned(),
            ([], None) => self.lang.say("任何一类机构", "any facility").to_owned(),
            (kinds, _) => {
                let names: Vec<&str> = kinds.iter().map(|code| words::kind_name(self.atlas, self.lang, code)).collect();
                names.join(self.lang.say("或", " or "))
            }
        }
    }
}

pub fn show(answer: &Answer) -> Markup {
    let Answer { lang, atlas, question, coverage, .. } = answer;
    let gaps = answer.api("/api/v1/coverage/gaps");
    let facilities = answer
        .here
        .clone()
        .without(&["sort", "trend", "within_m", "standard", "minutes", "speed_m_s", "detour"])
        .without(&["weight", "by", "class", "population_year"])
        .at("/api/v1/facilities")
        .with("status", "operating,trial")
        .with("limit", 1000);
    html! {
        h2 id="result" { (lang.say("结果", "Result")) }
        (figures(answer))
        @if coverage.totals.population.is_some() {
            h2 { (lang.say("地图", "Map")) }
            (map::canvas(atlas, *lang, &Canvas { facilities: &facilities, gaps: Some((&gaps, question.within_m)), region: question.region.as_deref(), bbox: None, scenario: None }))
            ul.legend aria-label=(lang.say("图例", "Legend")) {
                li { span.dot.gap aria-hidden="true" {} (lang.say("斜线圆：没有覆盖到的人，圆越大人越多，旁边是人数", "hatched circle: people not covered; the larger, the more; their number beside it")) }
                li { span.dot aria-hidden="true" {} (lang.say("浅灰圆圈：机构的覆盖范围", "grey ring: the reach of a facility")) }
            }
        }
        (plan_areas::coverage(atlas, *lang, &coverage.rows, &answer.here.clone().without(&["sort", "trend"])))
        (rows(answer))
        (plan_views::distribution(*lang, &coverage.distribution, coverage.totals.mean_m))
        (points(answer))
        (plan_views::trend(*lang, &answer.days, answer.here))
        (downloads(answer, &gaps))
        (method(answer))
    }
}

fn figures(answer: &Answer) -> Markup {
    let (lang, totals) = (answer.lang, &answer.coverage.totals);
    let people = people::counted(answer.atlas.vocabulary(), lang, &answer.question.weight);
    let radius = words::radius(lang, answer.question.within_m);
    let what = answer.what();
    html! {
        @match (totals.population, totals.covered, totals.uncovered, totals.share) {
            (Some(population), Some(covered), Some(uncovered), Some(share)) => {
                p.status role="status" {
                    @match lang {
                        Lang::Zh => { (answer.area()) "有 " (people) " " strong { (words::count(population)) } " 人。直线 " (radius) "以内有" (what) "的占 " strong { (words::percent(share)) } "；还有 " strong { (words::count(uncovered)) } " 人没有。" },
                        Lang::En => { span lang="zh-CN" { (answer.area()) } ": " strong { (words::count(population)) } " " (people) ". " strong { (words::percent(share)) } " have " (what) " within " (radius) " in a straight line; " strong { (words::count(uncovered)) } " have not." },
                    }
                }
                dl.figures {
                    div.figure { dt { (lang.say("覆盖率", "Share covered")) } dd { (words::percent(share)) } }
                    div.figure { dt { (lang.say("没有覆盖", "Not covered")) } dd { (words::count(uncovered)) } }
                    div.figure { dt { (lang.say("已覆盖", "Covered")) } dd { (words::count(covered)) } }
                    div.figure { dt { (lang.say("需求点", "Demand points")) } dd { (words::count(totals.demand_points as u64)) } }
                }
            }
            (Some(0), ..) => p.status role="status" { (words::told(&answer.area())) (lang.say("：", ": ")) (people) (lang.say("登记的人数是 0，算不出覆盖率。", ": 0 people are registered, of whom there is no share.")) },
            _ => div.notice {
                h2 { (lang.say("这里没有人口数据", "No population data here")) }
                p role="status" { (lang.say("没有人口数据，就算不出覆盖率；这不等于没有缺口。请管理员导入人口文件：", "Without population there is no share; that does not mean that there is no gap. Ask the operator to import a population file: "))
                    code { "silver-atlas import population FILE" } }
            },
        }
        (people::missing(lang, &people::Missing {
            weight: &answer.question.weight,
            demand_points: totals.unknown_population,
            aged_60: totals.unknown_aged_60,
            regions: totals.regions_without_population,
            class: answer.coverage.class_unknown,
            year: answer.question.population_year,
        }))
    }
}

fn rows(answer: &Answer) -> Markup {
    let lang = answer.lang;
    let mut rows: Vec<&Row> = answer.coverage.rows.iter().collect();
    // Regions without numbers stand last: nothing is known of them.
    match answer.sort {
        Sort::Uncovered => rows.sort_by_key(|row| (row.uncovered.is_none(), Reverse(row.uncovered))),
        Sort::Share => rows.sort_by(|a, b| {
            a.share.is_none().cmp(&b.share.is_none()).then(a.share.unwrap_or(0.0).total_cmp(&b.share.unwrap_or(0.0)))
        }),
        Sort::Name => rows.sort_by(|a, b| a.region.cmp(&b.region)),
    }
    rows.truncate(plan_areas::SHOWN);
    let caption = lang.say("各地区的缺口", "Gaps by region");
    let head = |sort: Sort, zh, en| {
        let code = Sort::CODES[sort as usize];
        let on = answer.sort == sort;
        html! { a href={ (answer.here.clone().with("sort", code)) "#regions" } aria-current=[on.then_some("true")] { (lang.say(zh, en)) @if on { (lang.say(" ↓", " ↓")) } } }
    };
    let heads = [
        lang.say("人数", "People"),
        lang.say("没有覆盖", "Not covered"),
        lang.say("覆盖率", "Share"),
        lang.say("机构", "Facilities"),
        lang.say("离最近的（中位数）", "Nearest, median"),
        lang.say("最远", "Farthest"),
    ];
    html! {
        h2 id="regions" { (caption) }
        @if rows.is_empty() { p { (lang.say("没有下一级地区。", "There are no regions below.")) } } @else {
        (plan_areas::rest(lang, rows.len(), answer.coverage.matched, &answer.api("/api/v1/coverage").with("format", "csv")))
        p { (lang.say("排序：", "Order: ")) (head(Sort::Uncovered, "没有覆盖的人最多", "most people uncovered")) " · " (head(Sort::Share, "覆盖率最低", "lowest share")) " · " (head(Sort::Name, "地区编码", "region code")) }
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table.cards {
                caption { (caption) }
                thead { tr { th scope="col" { (lang.say("地区", "Region")) } @for head in heads { th.n scope="col" { (head) } } } }
                tbody { @for row in rows {
                    tr {
                        th scope="row" { @match (&row.region, &row.name) {
                            (Some(code), name) => a lang="zh-CN" href=(answer.here.clone().with("region", code).without(&["by"])) { (name.as_ref().unwrap_or(code)) },
                            _ => (people::row_name(lang, row.class)),
                        } }
                        td.n data-label=(heads[0]) { (number(lang, row.population)) (partly(lang, row.unknown_population, row.regions_without_population)) }
                        td.n data-label=(heads[1]) { strong { (number(lang, row.uncovered)) } }
                        td.n data-label=(heads[2]) {
                            @match row.share { Some(share) => { (words::percent(share)) progress.bar value=(share) max="1" aria-hidden="true" {} }, None => (people::no_share(lang, row.population)) }
                        }
                        td.n data-label=(heads[3]) { (words::count(row.facilities as u64)) }
                        td.n data-label=(heads[4]) { (far(lang, row.nearest_m.as_ref().map(|nearest| nearest.median))) }
                        td.n data-label=(heads[5]) { (far(lang, row.nearest_m.as_ref().map(|nearest| nearest.max))) }
                    }
                } }
            }
        } }
    }
}

fn points(answer: &Answer) -> Markup {
    let (lang, atlas) = (answer.lang, answer.atlas);
    let caption = lang.say("缺口最大的地点", "The largest gaps");
    let heads =
        [lang.say("没有覆盖的人", "People not covered"), lang.say("离最近的（直线）", "Nearest, straight line")];
    html! {
        @if !answer.gaps.is_empty() {
            h2 id="points" { (caption) }
            p { (lang.say("共 ", "")) (words::count(answer.found as u64)) (lang.say(" 处，这里列人数最多的 ", " in all; here are the ")) (answer.gaps.len()) (lang.say(" 处，全部在下面的文件里。", " with most people. The files below hold all.")) }
            div.scroll role="region" aria-label=(caption) tabindex="0" {
                table.cards {
                    caption { (caption) }
                    thead { tr { th scope="col" { (lang.say("地点", "Place")) } @for head in heads { th.n scope="col" { (head) } } } }
                    tbody { @for gap in answer.gaps { @let demand = &atlas.demand()[gap.demand];
                        tr {
                            th scope="row" {
                                @let path = demand.point.region.as_deref().map(|code| atlas.regions().path(code)).unwrap_or_default();
                                @let tail = path.get(path.len().saturating_sub(3)..).unwrap_or_default();
                                @match demand.lon_lat {
                                    Some((lon, lat)) => a lang="zh-CN" href=(Address::new("/search").with("lon", lon).with("lat", lat).with("place", path.last().map_or("", |region| &region.name))) { (words::path(tail)) },
                                    None => span lang="zh-CN" { (words::path(tail)) },
                                }
                                @if demand.point.demo { " " span.tag.demo { (lang.say("演示", "demo")) } }
                            }
                            td.n data-label=(heads[0]) { strong { (words::count(gap.population)) } }
                            td.n data-label=(heads[1]) { (far(lang, gap.nearest_m)) }
                        }
                    } }
                }
            }
        }
    }
}

fn downloads(answer: &Answer, gaps: &Address) -> Markup {
    let lang = answer.lang;
    let rows = answer.api("/api/v1/coverage");
    // The table is whole where no limit is asked for; GeoJSON has as many as one answer may.
    let all = gaps.clone().without(&["limit"]);
    let gaps = gaps.clone().with("limit", GAPS);
    plan_method::downloads(
        lang,
        &[
            (rows.clone().with("format", "csv"), Some("coverage.csv"), lang.say("各地区（CSV 表格）", "Regions (CSV)")),
            (all.with("format", "csv"), Some("gaps.csv"), lang.say("缺口地点（CSV 表格）", "Gaps (CSV)")),
            (gaps, Some("gaps.geojson"), lang.say("缺口地点（GeoJSON）", "Gaps (GeoJSON)")),
            (rows, None, lang.say("同一个问题的 JSON", "The same question as JSON")),
        ],
    )
}

fn method(answer: &Answer) -> Markup {
    let Answer { lang, coverage, about, .. } = answer;
    let lang = *lang;
    html! {
        section.block {
            h2 id="method" { (lang.say("怎么算的", "How it is calculated")) }
            ul {
                li { (lang.say("一个需求点直线距离以内有一家运营中或试运营的机构（不论在哪个地区），就算覆盖。边界上的也算。", "A demand point is covered when a facility in operation or on trial stands within the distance in a straight line, in whichever region. On the line counts.")) }
                li { (lang.say("距离是地面上的直线（WGS 84 大地线），不是走路的距离；走路会更远，所以真实的覆盖率会低一些。", "Distances are straight lines on the ground (WGS 84 geodesics), not walks. Walks are longer, so the true share is lower.")) }
                (said(lang, answer))
                li { (lang.say("算的是人，不是点：每个需求点按它的人数计。", "People are counted, not points.")) }
                @if coverage.not_located.facilities > 0 { li { (lang.say("有 ", "")) (words::count(coverage.not_located.facilities as u64)) (lang.say(" 家机构没有确认的位置，没有算作覆盖。", " facilities have no confirmed position and cover nobody here.")) } }
                @if coverage.not_located.demand_points > 0 { li { (lang.say("有 ", "")) (words::count(coverage.not_located.demand_points as u64)) (lang.say(" 个需求点没有位置，没有算在内。", " demand points have no position and are left out.")) } }
            }
            (plan_method::basis(answer.atlas, lang, (coverage.revision, coverage.as_of), &html! {}, (&coverage.counted, about)))
        }
    }
}

/// Where some of a region's demand points have no number, or some regions below it no population: its row speaks of the others.
pub fn partly(lang: Lang, points: usize, regions: usize) -> Markup {
    html! {
        @if points > 0 { br; span.quiet { (lang.say("另有 ", "and ")) (points) (lang.say(" 处没有人口数", " points without a number")) } }
        @if regions > 0 { br; span.quiet { (lang.say("另有 ", "and ")) (regions) (lang.say(" 个区域没有人口数据", " regions without population")) } }
    }
}

/// How the distance was said, where it was not said in metres of straight line.
fn said(lang: Lang, answer: &Answer) -> Markup {
    let standard = &answer.coverage.standard;
    let Some(walk) = &standard.walk else { return html! {} };
    let metres = (standard.within_m * 10.0).round() / 10.0;
    html! {
        li {
            @if let Some((minutes, speed)) = walk.minutes.zip(walk.speed_m_s) { (lang.say("步行 ", "A walk of ")) (minutes) (lang.say(" 分钟，每秒 ", " minutes at ")) (speed) (lang.say(" 米", " m/s")) @if walk.detour != 1.0 { (lang.say("，", ", ")) } }
            @if walk.detour != 1.0 { (lang.say("绕行系数 ", "detour factor ")) (walk.detour) }
            (lang.say("：折合直线 ", ": a straight line of ")) (words::radius(lang, metres)) (lang.say("。", ". "))
            @if let Some(source) = &walk.source { (lang.say("标准来源：", "Source of the standard: ")) (words::told(source)) }
            @if walk.confirmed == Some(false) { " " strong { (lang.say("来源待确认。", "The source is to be confirmed.")) } }
        }
    }
}

fn number(lang: Lang, value: Option<u64>) -> Markup {
    html! { @match value { Some(value) => (words::count(value)), None => (words::unknown(lang)) } }
}

fn far(lang: Lang, metres: Option<f64>) -> Markup {
    html! { @match metres { Some(metres) => (words::distance(lang, metres)), None => (lang.say("没有", "none")) } }
}
