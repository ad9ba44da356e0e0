//! Data: what can be reused, in which forms, under which terms.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::{districts, words};
use crate::care::kind;
use crate::http::frame::{Address, Frame};
use crate::http::{App, Lang, Parameters, Problem};

/// An address of the API, what it answers in Chinese and in English, and an example.
type Line = (&'static str, &'static str, &'static str, &'static str);

/// Under a heading in Chinese and in English.
const ADDRESSES: [(&str, &str, &[Line]); 3] = [
    (
        "机构和地区",
        "Facilities and regions",
        &[
            (
                "/api/v1/facilities",
                "机构清单，可按类别、地区、范围筛选（GeoJSON）",
                "facilities, by category, region, box and more (GeoJSON)",
                "/api/v1/facilities?category=meals&limit=10",
            ),
            ("/api/v1/facilities/{id}", "一家机构，带 ETag", "one facility, with its ETag", ""),
            ("/api/v1/facilities/{id}/history", "一家机构的变更记录", "the changes of one facility", ""),
            (
                "/api/v1/facilities/{id}/ratings",
                "一家机构现在和过去的等级",
                "the ratings that a facility has and had",
                "",
            ),
            (
                "/api/v1/nearest",
                "离一点最近的机构",
                "the facilities nearest to a point",
                "/api/v1/nearest?lon=118.27&lat=33.96&category=meals",
            ),
            (
                "/api/v1/places",
                "按名称、拼音或首字母找地点",
                "places by name, pinyin or initials",
                "/api/v1/places?q=sucheng",
            ),
            (
                "/api/v1/regions",
                "地区树、人口与边界（GeoJSON）",
                "the tree of regions, people and borders (GeoJSON)",
                "/api/v1/regions",
            ),
            (
                "/api/v1/changes",
                "变更的流水，给别的系统跟着更新",
                "the feed of changes, for systems that follow",
                "/api/v1/changes?since=0&limit=10",
            ),
        ],
    ),
    (
        "覆盖、供给和选址",
        "Coverage, capacity and siting",
        &[
            (
                "/api/v1/coverage",
                "一段距离以内覆盖了多少人（JSON、CSV）",
                "how many people are covered within a distance (JSON, CSV)",
                "/api/v1/coverage?category=meals&within_m=1000&format=csv",
            ),
            (
                "/api/v1/coverage/gaps",
                "没有覆盖的需求点（GeoJSON、CSV）",
                "the demand points that are not covered (GeoJSON, CSV)",
                "/api/v1/coverage/gaps?category=meals&within_m=1000&limit=10",
            ),
            (
                "/api/v1/coverage/scorecard",
                "几个标准并排，一个地区一行（JSON、CSV）",
                "several standards side by side, a row a region (JSON, CSV)",
                "/api/v1/coverage/scorecard?format=csv",
            ),
            (
                "/api/v1/coverage/trend",
                "同一个问题在几个日子的答案",
                "the same question on a few days",
                "/api/v1/coverage/trend?category=meals&within_m=1000&as_of=2026-11-01",
            ),
            (
                "/api/v1/standards",
                "距离的标准和它们的来源",
                "standards of distance and their sources",
                "/api/v1/standards",
            ),
            (
                "/api/v1/catchment",
                "每千人够得着多少床位，按需求点就是人口的明细（JSON、CSV、GeoJSON）",
                "beds within reach of 1,000 people; by point it is the population in detail (JSON, CSV, GeoJSON)",
                "/api/v1/catchment?category=residential&within_m=5000&by=county&format=csv",
            ),
            ("POST /api/v1/siting", "新的点建在哪里，有证明的界限", "where to build next, with a proven bound", ""),
        ],
    ),
    (
        "计划、台账和报表",
        "Plans, ledger and report",
        &[
            (
                "/api/v1/indicators",
                "民政报表的各项指标，一个地区一年（JSON、CSV、xlsx）",
                "the bureau's report of a region and year (JSON, CSV, xlsx)",
                "/api/v1/indicators?region=REGION&format=csv",
            ),
            (
                "/api/v1/tiers",
                "达标：每个单元该有的有没有（JSON、CSV）",
                "tiers: which units have what they must (JSON, CSV)",
                "/api/v1/tiers?region=REGION&format=csv",
            ),
            (
                "/api/v1/targets",
                "各地区各年的计划（JSON、CSV）",
                "targets by region and year (JSON, CSV)",
                "/api/v1/targets?format=csv",
            ),
            (
                "/api/v1/programmes",
                "项目台账（JSON、CSV）",
                "the ledger of programme figures (JSON, CSV)",
                "/api/v1/programmes?format=csv",
            ),
            ("/api/v1/claims", "公布数（JSON、CSV）", "published figures (JSON, CSV)", "/api/v1/claims?format=csv"),
            (
                "/api/v1/inspections/sweep",
                "一个地区的检查排查，要有账号的令牌",
                "the sweep of a region's inspections; needs a token",
                "",
            ),
        ],
    ),
];

/// Whole files, by the program's own command: what, in Chinese and in English.
const EXPORTS: [(&str, &str, &str); 4] = [
    ("facilities", "机构，带证照、菜单", "facilities, with licences and menus"),
    ("regions", "地区，带边界", "regions, with their borders"),
    ("population", "人口，一个需求点一行", "population, a row a demand point"),
    ("inspections", "检查，一个问题一行", "inspections, a row a finding"),
];

pub async fn data(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    let atlas = app.atlas();
    let mut frame = Frame::new(&app, &request, Lang::of(&request).say("数据与许可", "Data and licence"));
    let lang = frame.lang;
    frame.wide = true;
    frame.demo = atlas.facilities().take(50).any(|entry| entry.facility.demo);
    frame.json = Some(Address::new("/api/openapi.json"));
    let vocabulary = atlas.vocabulary();
    // Examples about one region are about one that there is.
    let region = districts::districts(&atlas).first().map_or("321300", |region| &*region.code);
    Ok(frame.answer(html! {
        h1 { (lang.say("数据与许可", "Data and licence")) }
        p { (lang.say("本站的每一个答案都可以用程序取得，和页面上的数字完全一样。", "Every answer of this site can be had by programs, with the same figures as on its pages.")) }
        dl.figures {
            (figure(lang.say("机构", "Facilities"), atlas.facility_count()))
            (figure(lang.say("地区", "Regions"), atlas.regions().len()))
            (figure(lang.say("人口需求点", "Demand points"), atlas.demand().len()))
            div.figure { dt { (lang.say("数据版次", "Revision")) } dd { (atlas.revision()) } }
        }
        h2 { (lang.say("接口地址", "Addresses")) }
        p { (lang.say("完整说明：", "The full description: ")) a href="/api/openapi.json" { "OpenAPI" } }
        @for (heading_zh, heading_en, lines) in ADDRESSES {
            h3 { (lang.say(heading_zh, heading_en)) }
            ul.row-links { @for (address, zh, en, example) in lines { @let example = example.replace("REGION", region);
                li { p { code { (address) } br; (lang.say(zh, en)) @if !example.is_empty() { br; (lang.say("例子：", "Example: ")) a href=(example) { (example) } } } }
            } }
        }
        h2 { (lang.say("整份文件", "Whole files")) }
        p { (lang.say("管理服务器的人用下面的命令把整份数据写成文件（CSV；机构也有 GeoJSON 和 xlsx）：", "Whoever runs the server writes whole files with these commands (CSV; facilities also as GeoJSON and xlsx):")) }
        ul { @for (what, zh, en) in EXPORTS { li { code { "silver-atlas export " (what) } " " (lang.say(zh, en)) } } }
        h2 { (lang.say("约定", "Conventions")) }
        ul {
            li { (lang.say("坐标是 WGS 84 的经度、纬度；导航链接里换成国内地图用的坐标。", "Coordinates are WGS 84 longitude and latitude; links to maps of China are shifted to their datum.")) }
            li { (lang.say("距离是直线，单位米；金额是人民币；时间是 RFC 3339。", "Distances are straight lines in metres; money is CNY; times are RFC 3339.")) }
            li { (lang.say("不知道的就不写，不会用 0 代替。", "What is not known is absent, never 0.")) }
            li { (lang.say("空余数字超过 90 天，标为“较旧”。", "Free places older than 90 days are marked stale.")) }
        }
        h2 { (lang.say("机构类型", "Kinds")) }
        dl.facts {
            @for category in &kind::CATEGORIES {
                dt { (words::mark(category)) " " (lang.say(category.1, category.2)) }
                dd { (vocabulary.kinds.iter().filter(|kind| *kind.category == *category.0).map(|kind| lang.say(&kind.name_zh, &kind.name_en)).collect::<Vec<_>>().join(lang.say("、", ", "))) }
            }
        }
        h2 { (lang.say("许可", "Licence")) }
        p { (lang.say("数据的许可由提供数据的单位决定，每条记录写明来源。演示数据是虚构的，其中部分地点取自 GeoNames（CC BY 4.0）。地图用 MapLibre GL JS 绘制（BSD-3-Clause，",
                      "Whoever provides the data decides its licence; each record names its source. The demo data is invented; some of its points come from GeoNames (CC BY 4.0). Maps are drawn by MapLibre GL JS (BSD-3-Clause, "))
            a href="/assets/map/LICENSE.txt" { (lang.say("许可全文", "full text")) } (lang.say("）。", ").")) }
    }))
}

fn figure(name: &str, count: usize) -> Markup {
    html! { div.figure { dt { (name) } dd { (words::count(count as u64)) } } }
}
