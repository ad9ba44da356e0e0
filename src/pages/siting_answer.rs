//! The answer of siting on its page: before and after, how sure it is, the sites, the curve, and what it rests on.

use maud::{Markup, html};

use super::chart::{self, Line};
use super::plan_answer::About;
use super::siting_files::Format;
use super::waiting::REFRESH;
use super::{people, plan_method, siting_map, words};
use crate::analysis::Coverage;
use crate::analysis::coverage::Counted;
use crate::analysis::siting::answer::{Site, State};
use crate::analysis::siting::{Area, Objective, Siting, SitingQuestion};
use crate::atlas::Atlas;
use crate::care::Vocabulary;
use crate::http::Lang;
use crate::http::frame::Address;

/// All that the page says.
pub struct Answer<'a> {
    pub atlas: &'a Atlas,
    pub lang: Lang,
    pub plan: &'a Siting,
    pub about: &'a About,
    pub here: &'a Address,
}

/// How it is before anything is built.
pub fn baseline(vocabulary: &Vocabulary, lang: Lang, coverage: &Coverage, question: &SitingQuestion) -> Markup {
    let totals = &coverage.totals;
    html! {
        h2 id="result" { (lang.say("现在", "As it is")) }
        @match (totals.population, totals.covered, totals.uncovered, totals.share) {
            (Some(population), Some(covered), Some(uncovered), Some(share)) => {
                p.status role="status" { (people::counted(vocabulary, lang, &question.weight)) (lang.say("：", ": ")) strong { (words::count(population)) }
                    (lang.say(" 人，", ". ")) strong { (words::percent(share)) } (lang.say(" 已覆盖，还有 ", " are covered; ")) strong { (words::count(uncovered)) } (lang.say(" 人没有。", " are not.")) }
                dl.figures {
                    div.figure { dt { (lang.say("覆盖率", "Share covered")) } dd { (words::percent(share)) } }
                    div.figure { dt { (lang.say("已覆盖", "Covered")) } dd { (words::count(covered)) } }
                    div.figure { dt { (lang.say("没有覆盖", "Not covered")) } dd { (words::count(uncovered)) } }
                }
                p { (lang.say("选好要建几处、要做到什么，再按“找最好的位置”。", "Choose how many to build and what to aim for, then ask for the best places.")) }
            }
            _ => div.notice { h2 { (lang.say("这里没有人口数据", "No population data here")) }
                p { (lang.say("没有人口数据，就不知道建在哪里最好；这不等于没有缺口。", "Without population nobody knows where to build; that does not mean that there is no gap.")) } },
        }
    }
}

pub fn show(answer: &Answer) -> Markup {
    let Answer { lang, plan, .. } = answer;
    html! {
        h2 id="result" { (lang.say("结果", "Result")) }
        (sentence(*lang, plan))
        (sure(*lang, plan))
        (figures(*lang, plan))
        (siting_map::show(answer.atlas, *lang, plan))
        (table(answer, &plan.sites, "new-sites", lang.say("新的点，按作用从大到小", "New sites, the most useful first")))
        (curve(*lang, plan))
        (table(answer, &plan.nearly, "nearly", lang.say("差一点选上的：再多建就轮到它们", "Nearly chosen: what would come next")))
        (files(answer))
        (method(answer))
    }
}

/// Whether the plan is told in people covered.
fn in_people(plan: &Siting) -> bool {
    plan.after.covered.is_some()
}

fn sentence(lang: Lang, plan: &Siting) -> Markup {
    let count = plan.sites.len();
    let shares = |state: &State| state.share.map(words::percent);
    html! {
        p.status role="status" {
            @if count == 0 { (lang.say("不用新建：再建也帮不到更多人。", "Nothing to build: no new site would help anybody.")) }
            @else { @match (plan.baseline.covered, plan.after.covered, shares(&plan.baseline), shares(&plan.after)) {
                (Some(_), Some(after), Some(before), Some(share)) => {
                    (lang.say("新建 ", "With ")) strong { (count) } (lang.say(" 处，覆盖率从 ", " new sites the share covered goes from ")) strong { (before) } (lang.say(" 到 ", " to ")) strong { (share) }
                    (lang.say("，共 ", ": ")) strong { (words::count(after)) } (lang.say(" 人。", " people."))
                },
                _ => { (lang.say("新建 ", "With ")) strong { (count) } (lang.say(" 处。", " new sites.")) },
            } }
            @if let Some(mean) = plan.after.mean_m {
                " " (lang.say("每人到最近的一处平均 ", "On average people have ")) strong { (words::distance(lang, mean)) }
                @if let Some(farthest) = plan.after.farthest_m { (lang.say("，最远的 ", " to the nearest, the farthest ")) strong { (words::distance(lang, farthest)) } }
                (lang.say("。", "."))
            }
        }
    }
}

/// The bound in plain words.
fn sure(lang: Lang, plan: &Siting) -> Markup {
    let gap = format!("{:.2}%", plan.gap * 100.0);
    let apart = (plan.bound - plan.value).abs();
    html! {
        @if plan.proven {
            p { strong { (lang.say("已证明是最好的：", "Proven best: ")) } (lang.say("没有别的选法比这更好。", "no other choice does better.")) }
        } @else { p {
            strong { (lang.say("还没有证明是最好的：", "Not proven best: ")) }
            @match plan.objective {
                Objective::MaxCovered => { (lang.say("别的选法最多还能再多覆盖 ", "another choice could cover at most ")) strong { (words::count(apart.ceil() as u64)) } (lang.say(" 人", " people more")) },
                Objective::CoverAll => { (lang.say("别的选法最多还能少建 ", "another choice could do with at most ")) strong { (words::count(apart.ceil() as u64)) } (lang.say(" 处", " sites fewer")) },
                Objective::MinDistance => (lang.say("大家的路加起来最多还能再短一点", "the ways in all could be at most a little shorter")),
                Objective::MinFarthest => { (lang.say("最远的人最多还能再近 ", "the farthest could be at most ")) strong { (words::distance(lang, apart)) } (lang.say("", " nearer")) },
            }
            (lang.say("（差距 ", " (gap ")) span.number { (gap) } (lang.say("）。给它更多时间可能会更好。", "). More time may bring more."))
        } }
    }
}

fn figures(lang: Lang, plan: &Siting) -> Markup {
    let figure = |zh: &str, en: &str, value: Option<String>| {
        html! {
            @if let Some(value) = value { div.figure { dt { (lang.say(zh, en)) } dd { (value) } } }
        }
    };
    html! {
        dl.figures {
            (figure("现在覆盖", "Covered now", plan.baseline.covered.map(words::count)))
            (figure("建成后覆盖", "Covered afterwards", plan.after.covered.map(words::count)))
            (figure("建成后的覆盖率", "Share afterwards", plan.after.share.map(words::percent)))
            (figure("现在平均距离", "Mean distance now", plan.baseline.mean_m.map(|mean| words::distance(lang, mean))))
            (figure("候选点", "Candidates", Some(words::count(plan.candidates as u64))))
            (figure("现有机构", "Existing facilities", Some(words::count(plan.existing.facilities as u64))))
            (figure("区外够得着的机构", "Facilities outside within reach", plan.existing.outside_in_reach.filter(|count| *count > 0).map(|count| words::count(count as u64))))
        }
        @if !plan.standard.keep_existing { p { (lang.say("“建成后”只算新的点，不算现有的机构。", "“Afterwards” counts the new sites only, without the existing facilities.")) } }
    }
}

fn table(answer: &Answer, sites: &[Site], id: &str, caption: &str) -> Markup {
    let lang = answer.lang;
    let (atlas, nearly) = (answer.atlas, id == "nearly");
    // Numbers go on where those of the new sites end, as on the map and in the files.
    let first = if nearly { answer.plan.sites.len() + 1 } else { 1 };
    let people = in_people(answer.plan);
    let serves = sites.iter().any(|site| site.serves.is_some());
    let saves = sites.iter().any(|site| site.saves_m.is_some());
    let heads = [
        lang.say("多覆盖的人", "Adds, people"),
        lang.say("累计覆盖", "Covered in all"),
        lang.say("离它最近的人", "Nearest for, people"),
        lang.say("大家一共少走（公里）", "Saves all people, km"),
    ];
    html! {
        @if !sites.is_empty() {
            h2 id=(id) { (caption) }
            div.scroll role="region" aria-label=(caption) tabindex="0" {
                table.cards {
                    caption { (caption) }
                    thead { tr {
                        th scope="col" { (lang.say("位置", "Place")) }
                        @if people && !(nearly && saves) { th.n scope="col" { (heads[0]) } th.n scope="col" { (heads[1]) } }
                        @if serves { th.n scope="col" { (heads[2]) } }
                        @if saves { th.n scope="col" { (heads[3]) } }
                    } }
                    tbody { @for (at, site) in sites.iter().enumerate() {
                        tr {
                            th scope="row" { (first + at) ". " (place(atlas, site)) }
                            @if people && !(nearly && saves) {
                                td.n data-label=(heads[0]) { @match site.adds { Some(adds) => strong { (words::count(adds)) }, None => (words::unknown(lang)) } }
                                td.n data-label=(heads[1]) { @match site.cumulative { Some(sum) => (words::count(sum)), None => (words::unknown(lang)) } }
                            }
                            @if serves { td.n data-label=(heads[2]) { (words::count(site.serves.unwrap_or_default())) } }
                            @if saves { td.n data-label=(heads[3]) { (words::count((site.saves_m.unwrap_or_default() / 1000.0).round() as u64)) } }
                        }
                    } }
                }
            }
        }
    }
}

fn place(atlas: &Atlas, site: &Site) -> Markup {
    let path = site.region.as_deref().map(|code| atlas.regions().path(code)).unwrap_or_default();
    let tail = path.get(path.len().saturating_sub(2)..).unwrap_or_default();
    let there = Address::new("/search").with("lon", site.lon).with("lat", site.lat);
    let there = there.with("place", path.last().map_or("", |region| &region.name));
    html! {
        a href=(there) { @if tail.is_empty() { span.number { (format!("{:.5}, {:.5}", site.lon, site.lat)) } } @else { span lang="zh-CN" { (words::path(tail)) } } }
    }
}

fn curve(lang: Lang, plan: &Siting) -> Markup {
    let caption = lang.say("建几处，覆盖多少人", "People covered by number of new sites");
    let heads = [
        lang.say("覆盖", "Covered"),
        lang.say("覆盖率", "Share"),
        lang.say("最多不超过", "No plan passes"),
        lang.say("平均距离", "Mean distance"),
    ];
    let covered: Vec<f64> =
        plan.curve.iter().map(|step| step.state.covered.map_or(f64::NAN, |people| people as f64)).collect();
    let bounds: Vec<f64> = plan.curve.iter().map(|step| step.bound.map_or(f64::NAN, |people| people as f64)).collect();
    let (bounded, ways) =
        (plan.curve.iter().any(|step| step.bound.is_some()), plan.curve.iter().any(|step| step.state.mean_m.is_some()));
    let ends = plan.curve.first().zip(plan.curve.last());
    let text = ends.map(|(first, last)| {
        let people = |state: &State| state.covered.map(words::count).unwrap_or_default();
        let (from, to) = (people(&first.state), people(&last.state));
        match lang {
            Lang::Zh => format!("折线图：新建从 0 处到 {} 处，覆盖的人从 {from} 到 {to}。数字都在下面的表里。", last.sites),
            Lang::En => format!("Line chart: from 0 to {} new sites, people covered go from {from} to {to}. The table below has all numbers.", last.sites),
        }
    });
    let mut lines = vec![Line { name: heads[0], values: covered, limit: false }];
    if bounded {
        lines.push(Line { name: heads[2], values: bounds, limit: true });
    }
    html! {
        @if plan.curve.len() > 1 {
            h2 id="curve" { (caption) }
            @if in_people(plan) { (chart::lines(&text.unwrap_or_default(), lang.say("新建几处", "New sites"), lang.say("人", "People"), &lines)) }
            div.scroll role="region" aria-label=(caption) tabindex="0" {
                table.cards {
                    caption { (caption) }
                    thead { tr {
                        th scope="col" { (lang.say("新建", "New sites")) }
                        @if in_people(plan) { th.n scope="col" { (heads[0]) } th.n scope="col" { (heads[1]) } }
                        @if bounded { th.n scope="col" { (heads[2]) } }
                        @if ways { th.n scope="col" { (heads[3]) } }
                    } }
                    tbody { @for step in &plan.curve { tr {
                        th scope="row" { (step.sites) }
                        @if in_people(plan) {
                            td.n data-label=(heads[0]) { @if let Some(people) = step.state.covered { (words::count(people)) } }
                            td.n data-label=(heads[1]) { @if let Some(share) = step.state.share { (words::percent(share)) } }
                        }
                        @if bounded { td.n data-label=(heads[2]) { @match step.bound { Some(bound) => (words::count(bound)), None => (lang.say("不知道", "not known")) } } }
                        @if ways { td.n data-label=(heads[3]) { @match step.state.mean_m { Some(mean) => (words::distance(lang, mean)), None => (lang.say("没有", "none")) } } }
                    } } }
                }
            }
        }
    }
}

fn files(answer: &Answer) -> Markup {
    let lang = answer.lang;
    let file = |format: Format| answer.here.clone().without(&[REFRESH]).with("format", format.code());
    plan_method::downloads(
        lang,
        &[
            (file(Format::Csv), Some("siting.csv"), lang.say("新的点（CSV 表格）", "Sites (CSV)")),
            (file(Format::Curve), Some("siting-curve.csv"), lang.say("曲线（CSV 表格）", "Curve (CSV)")),
            (file(Format::Geojson), Some("siting.geojson"), lang.say("新的点（GeoJSON）", "Sites (GeoJSON)")),
            (file(Format::Json), None, lang.say("全部结果（JSON）", "The whole answer (JSON)")),
        ],
    )
}

/// Where no site may be: regions by their names, drawn shapes by their number.
fn left_out(answer: &Answer) -> Markup {
    let excluded = &answer.plan.standard.excluded;
    let codes: Vec<_> = excluded.iter().filter_map(Area::code).collect();
    let shapes = excluded.len() - codes.len();
    html! {
        @for code in codes { span lang="zh-CN" { (answer.atlas.regions().get(code).map_or(code, |region| &region.name)) } " " }
        @if shapes > 0 { (shapes) (answer.lang.say(" 个画出来的范围", " drawn areas")) }
    }
}

fn method(answer: &Answer) -> Markup {
    let Answer { lang, plan, about, .. } = answer;
    let lang = *lang;
    let left = |count: usize, zh: &str, en: &str| html! { @if count > 0 { li { (lang.say("有 ", "")) (words::count(count as u64)) (lang.say(zh, en)) } } };
    let took = html! { br; (lang.say("计算用了 ", "Calculated in ")) span.number { (format!("{:.1}", plan.seconds)) } (lang.say(" 秒。", " s.")) };
    let (oldest, newest) = about.dates.unzip();
    let counted = Counted { year: plan.standard.population_year, oldest, newest, undated: 0 };
    html! {
        section.block {
            h2 id="method" { (lang.say("怎么算的", "How it is calculated")) }
            ul {
                li { (lang.say("先一个一个地挑，再一个一个地换，最后用求解器（HiGHS）找更好的；同时算出任何选法都超不过的界限。同样的数据、同样的问题，时间够用时答案也一样。",
                               "Chosen one by one, then swapped, then searched by a solver (HiGHS); at the same time a bound is found that no choice can pass. The same question about the same data has the same answer, if there is time to end the search.")) }
                li { (lang.say("候选点是本地区的每个需求点；距离是地面上的直线（WGS 84 大地线），走路会更远。地是不是空着、能不能建，要到现场看。",
                               "Candidates are the demand points of the area; distances are straight lines on the ground (WGS 84 geodesics), walks are longer. Whether there is room to build must be seen on the spot.")) }
                @if let Some(metres) = plan.standard.min_spacing_m { li { (lang.say("新的点之间、新的点和现有机构之间，至少相隔 ", "New sites keep apart from each other and from what stands, at least ")) (words::distance(lang, metres)) (lang.say("。", ".")) } }
                @if !plan.standard.excluded.is_empty() { li { (lang.say("这些地方不建：", "No site there: ")) (left_out(answer)) } }
                @if plan.demand.without_people > 0 { li { (words::count(plan.demand.without_people as u64)) (lang.say(" 个需求点登记的人数是 0，不要求够得着。", " demand points have 0 people of this kind; no plan has to reach them.")) } }
                @if plan.standard.capacity.is_some() { li { (lang.say("每处服务的人数有上限；现有机构按登记的容量算，没有登记容量的不算。", "A site serves at most its capacity; existing facilities serve as registered, those without a registered capacity serve nobody here.")) } }
                (left(plan.demand.unknown_population, " 个需求点没有这一项人口数，没有算在内。", " demand points have no number of this kind and are left out."))
                (left(plan.demand.class_unknown.unwrap_or(0), " 个需求点不知道是城镇还是乡村，没有算在内。", " demand points are left out: nobody has said whether they are urban or rural."))
                (left(plan.demand.not_located, " 个需求点没有位置，没有算在内。", " demand points have no position and are left out."))
                (left(plan.existing.not_located, " 家机构没有确认的位置，没有算作覆盖。", " facilities have no confirmed position and cover nobody here."))
                (left(plan.existing.unknown_capacity.unwrap_or(0), " 家机构没有登记容量。", " facilities have no registered capacity."))
                @if let Some(people) = plan.demand.out_of_reach.filter(|people| *people > 0) { li { (words::count(people)) (lang.say(" 人离所有候选点都太远。", " people are too far from every candidate.")) } }
            }
            (plan_method::basis(answer.atlas, lang, (plan.revision, plan.as_of), &took, (&counted, about)))
        }
    }
}
