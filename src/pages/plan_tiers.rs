//! Tiers: which units have what every unit must have, and what the choice of the denominator does to the share.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use maud::{Markup, html};

use super::plan_figures::say;
use super::waiting::{REFRESH, Waiting, refreshed};
use super::{districts, plan_form, plan_tabs, words};
use crate::analysis::Part;
use crate::analysis::tiers::{Tier, Unit, tier};
use crate::atlas::Atlas;
use crate::care::Class;
use crate::care::tier::{Denominator, TierRule, rules};
use crate::http::frame::{Address, Frame};
use crate::http::{App, Lang, Parameters, Problem, filter};

/// Units shown of those that meet the rule and of those that miss it; the download has them all.
const SHOWN: usize = 200;

pub async fn tiers(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let here = Address::of(&request).without(&[REFRESH]);
    let mut parameters = Parameters::of_form(&request, &["region", "rule", "denominator", "as_of", REFRESH]);
    let region = filter::region(&mut parameters, "region", &atlas);
    let codes: Vec<&str> = rules().iter().map(|rule| &*rule.code).collect();
    let rule = parameters.word("rule", |text| rules().iter().find(|rule| &*rule.code == text), &codes);
    let words = Denominator::ALL.map(Denominator::code);
    let denominator = parameters.word("denominator", Denominator::from_code, &words);
    let day = parameters.each("as_of").pop();
    let past = filter::as_of(&mut parameters, &atlas, Utc::now());
    let refresh = refreshed(&mut parameters);
    parameters.finish()?;
    if let Some(waiting) = Waiting::past(&app, &request, (past, refresh), "/plan/tiers").await? {
        return Ok(waiting);
    }
    let as_of = past.unwrap_or_else(|| app.live.as_of());
    let atlas = app.atlas_at(past).await?;
    let asked = region.clone();
    let tiers: Vec<Tier> = app
        .ponder_over(atlas.clone(), move |atlas| {
            let all = rules().iter().filter(|known| rule.is_none_or(|rule| rule.code == known.code));
            all.map(|rule| tier(atlas, asked.as_deref(), rule, denominator)).collect()
        })
        .await?;
    let lang = Lang::of(&request);
    let area = region.as_deref().and_then(|code| atlas.regions().get(code));
    let area = area.map_or(lang.say("全部地区", "everywhere").to_owned(), |region| region.name.to_string());
    let mut frame = Frame::new(&app, &request, format!("{} - {area}", lang.say("达标", "Tiers")));
    frame.wide = true;
    frame.demo = tiers.iter().any(|tier| tier.demo);
    frame.json = Some(here.clone().at("/api/v1/tiers"));
    Ok(frame.answer(html! {
        (plan_tabs::tabs(lang, "/plan/tiers"))
        h1 { (lang.say("达标：每个单元该有的有没有", "Tiers: does every unit have what it must")) }
        (form(&app.atlas(), lang, region.as_deref(), rule, denominator, past.and(day.as_deref())))
        p.source { (lang.say("按登记簿的状态：", "By the record as it stood: ")) strong.number { (as_of.with_timezone(&atlas.zone()).format("%Y-%m-%d %H:%M")) }
            (lang.say("（第 ", " (revision ")) (atlas.revision()) (lang.say(" 版）", ")")) }
        (plan_form::before_all(lang, past.is_some() && atlas.revision() == 0))
        @match (rule, tiers.first()) {
            (Some(_), Some(tier)) => (one(&atlas, tier, lang, &here)),
            _ => {
                (all(&tiers, lang, &here))
                p { a.button.second href=(here.clone().at("/api/v1/tiers").with("format", "csv")) { (lang.say("下载全部规则（CSV）", "Download all rules (CSV)")) } }
            }
        }
    }))
}

fn form(
    atlas: &Atlas,
    lang: Lang,
    region: Option<&str>,
    rule: Option<&TierRule>,
    denominator: Option<Denominator>,
    as_of: Option<&str>,
) -> Markup {
    html! {
        form.panel action="/plan/tiers" {
            div.grid {
                div.field {
                    label for="region" { (lang.say("地区", "Area")) }
                    select id="region" name="region" { (districts::choice(atlas, lang, region)) }
                }
                div.field {
                    label for="rule" { (lang.say("规则", "Rule")) }
                    select id="rule" name="rule" {
                        option value="" { (lang.say("全部规则", "All rules")) }
                        @for known in rules() {
                            option value=(known.code) selected[rule.is_some_and(|rule| rule.code == known.code)] { (lang.say(&known.zh, &known.en)) }
                        }
                    }
                }
                div.field {
                    label for="denominator" { (lang.say("分母", "Denominator")) }
                    select id="denominator" name="denominator" {
                        option value="" { (lang.say("按规则本身", "as the rule says")) }
                        @for known in Denominator::ALL { option value=(known.code()) selected[denominator == Some(known)] { (short(lang, known)) } }
                    }
                }
                (plan_form::as_of(lang, as_of))
            }
            button type="submit" { (lang.say("查看", "Show")) }
        }
    }
}

fn short(lang: Lang, denominator: Denominator) -> &'static str {
    match denominator {
        Denominator::Counted => lang.say("计入覆盖的单元", "units that count"),
        Denominator::All => lang.say("全部单元", "all units"),
        Denominator::Street => lang.say("只算街道", "streets only"),
        Denominator::Rural => lang.say("只算镇和乡", "towns and townships only"),
    }
}

fn share(lang: Lang, share: Option<f64>) -> Markup {
    html! { @match share { Some(share) => span.number { (words::percent(share)) }, None => span.unknown { (lang.say("无法计算", "not computable")) } } }
}

fn all(tiers: &[Tier], lang: Lang, here: &Address) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(lang.say("规则表", "Table of rules")) {
            table.cards {
                caption { (lang.say("各条规则", "The rules")) }
                thead { tr {
                    th scope="col" { (lang.say("规则", "Rule")) }
                    th scope="col" { (lang.say("分母", "Denominator")) }
                    th.n scope="col" { (lang.say("达标", "Meet")) }
                    th.n scope="col" { (lang.say("缺", "Miss")) }
                    th.n scope="col" { (lang.say("占比", "Share")) }
                } }
                tbody { @for tier in tiers { @if let Some(counted) = tier.chosen() {
                    tr {
                        th scope="row" { a href=(here.clone().with("rule", &tier.rule.code)) { (lang.say(&tier.rule.zh, &tier.rule.en)) } }
                        td data-label=(lang.say("分母", "Denominator")) { (short(lang, tier.chosen)) " " span.number { (counted.units) } }
                        td.n data-label=(lang.say("达标", "Meet")) { (counted.meets) }
                        td.n data-label=(lang.say("缺", "Miss")) { (counted.misses) }
                        td.n data-label=(lang.say("占比", "Share")) { (share(lang, counted.share)) }
                    }
                } } }
            }
        }
    }
}

fn one(atlas: &Atlas, tier: &Tier, lang: Lang, here: &Address) -> Markup {
    let rule = tier.rule;
    let (missing, meeting) = tier.chosen().map_or((0, 0), |counted| (counted.misses, counted.meets));
    let misses = tier.units(atlas, Part { skip: 0, most: missing.min(SHOWN) });
    let meets = tier.units(atlas, Part { skip: missing, most: meeting.min(SHOWN) });
    html! {
        h2 { (lang.say(&rule.zh, &rule.en)) }
        p.source { (lang.say("来源：", "Source: ")) (words::told(&rule.source)) }
        div.scroll tabindex="0" role="region" aria-label=(lang.say("分母表", "Table of denominators")) {
            table.cards {
                caption { (lang.say("同样的机构，不同的分母", "The same facilities over different denominators")) }
                thead { tr {
                    th scope="col" { (lang.say("分母", "Denominator")) }
                    th.n scope="col" { (lang.say("单元", "Units")) }
                    th.n scope="col" { (lang.say("达标", "Meet")) }
                    th.n scope="col" { (lang.say("占比", "Share")) }
                    th scope="col" { (lang.say("怎么数的", "How it is counted")) }
                } }
                tbody { @for counted in &tier.counted {
                    tr {
                        th scope="row" { a href=(here.clone().with("denominator", counted.denominator.code())) aria-current=[(counted.denominator == tier.chosen).then_some("true")] { (short(lang, counted.denominator)) } }
                        td.n data-label=(lang.say("单元", "Units")) { (counted.units) }
                        td.n data-label=(lang.say("达标", "Meet")) { (counted.meets) }
                        td.n data-label=(lang.say("占比", "Share")) { (share(lang, counted.share)) }
                        td data-label=(lang.say("怎么数的", "How it is counted")) { (say(lang, &counted.meaning)) }
                    }
                } }
            }
        }
        @if tier.unknown_class > 0 { p { span.number { (tier.unknown_class) } (lang.say(" 个单元的代码不是 9 位或 12 位的中国代码，看不出是街道、镇还是乡。", " units have no Chinese code of 9 or 12 digits; whether they are streets, towns or townships is not known.")) } }
        @if tier.unplaced > 0 { p { span.number { (tier.unplaced) } (lang.say(" 个机构登记在更大的地区，算不到任何一个单元。", " facilities are registered in a wider region and count for no unit.")) } }
        p { a.button.second href=(here.clone().at("/api/v1/tiers").with("format", "csv")) { (lang.say("下载全部单元（CSV）", "Download all units (CSV)")) } }
        (units(lang, (&misses, missing), lang.say("缺的单元", "Units that miss it")))
        (units(lang, (&meets, meeting), lang.say("达标的单元", "Units that meet it")))
    }
}

fn units(lang: Lang, (units, all): (&[Unit], usize), caption: &str) -> Markup {
    html! {
        @if units.is_empty() { p { (caption) (lang.say("：没有", ": none")) } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(caption) {
                table.cards {
                    caption { (caption) " " span.number { (all) }
                        @if all > units.len() { (lang.say("，先列 ", ", the first ")) (SHOWN) } }
                    thead { tr {
                        th scope="col" { (lang.say("单元", "Unit")) }
                        th scope="col" { (lang.say("类别", "Class")) }
                        th scope="col" { (lang.say("计入覆盖", "Counts")) }
                        th.n scope="col" { (lang.say("机构", "Facilities")) }
                    } }
                    tbody { @for unit in units {
                        tr {
                            th scope="row" { (words::told(&unit.name)) " " span.quiet { (unit.region) } }
                            td data-label=(lang.say("类别", "Class")) { (class(lang, unit.class)) }
                            td data-label=(lang.say("计入覆盖", "Counts")) { @if unit.counts_in_coverage { (lang.say("是", "yes")) } @else { (lang.say("否", "no")) } }
                            td.n data-label=(lang.say("机构", "Facilities")) { (unit.facilities) }
                        }
                    } }
                }
            }
        }
    }
}

fn class(lang: Lang, class: Option<Class>) -> &'static str {
    match class {
        Some(Class::Street) => lang.say("街道", "street"),
        Some(Class::Town) => lang.say("镇", "town"),
        Some(Class::Township) => lang.say("乡", "township"),
        Some(Class::Zone) => lang.say("园区", "zone"),
        None => lang.say("不详", "not known"),
    }
}
