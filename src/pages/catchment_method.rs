//! How capacity against need was worked out, in words: the method, the weights, and what is left out.

use maud::{Markup, html};

use super::catchment::method_name;
use super::catchment_answer::Answer;
use super::{plan_method, words};
use crate::analysis::decay::Decay;
use crate::http::Lang;

fn weights(lang: Lang, decay: &Decay) -> String {
    let metres = |metres: f64| words::radius(lang, metres.round());
    match decay {
        Decay::Flat => lang.say("范围以内都算 1", "1 within the radius").to_owned(),
        Decay::Steps { steps } => {
            let zone = |step: &crate::analysis::decay::Step| format!("{} {}", metres(step.up_to_m), step.weight);
            steps.iter().map(zone).collect::<Vec<_>>().join(lang.say("；", "; "))
        }
        Decay::Gaussian => lang.say("高斯曲线，到边上降为 0", "a Gaussian that is 0 at the edge").to_owned(),
        Decay::GaussianPlain { sigma_m } => format!("exp(−d²/2σ²), σ = {sigma_m} m"),
        Decay::Exponential { scale_m } => format!("exp(−d/{scale_m} m)"),
        Decay::Power { exponent, min_m } => format!("d^−{exponent}, d ≥ {min_m} m"),
        Decay::Linear => lang.say("直线下降，到边上为 0", "falls in a line to 0 at the edge").to_owned(),
    }
}

pub fn method(answer: &Answer) -> Markup {
    let Answer { found, about, question, .. } = answer;
    let (lang, totals, away) = (answer.lang, &found.totals, &found.not_located);
    let left = [
        (
            totals.capacity_unknown,
            "家机构没有登记数量，没有算进去。",
            "facilities have no registered number and are left out.",
        ),
        (
            totals.capacity_stale,
            "家机构的数字已过 90 天，照算。",
            "facilities are counted by figures older than 90 days.",
        ),
        (
            away.facilities,
            "家机构没有确认的位置，没有算进去。",
            "facilities have no confirmed position and are left out.",
        ),
        (away.demand_points, "个需求点没有位置，没有算在内。", "demand points have no position and are left out."),
    ];
    html! {
        section.block {
            h2 id="how" { (lang.say("怎么算的", "How it is calculated")) }
            ul {
                li { (method_name(lang, question.method)) (lang.say("：", ": ")) code lang="en" { (found.method.formula) } br; span.quiet lang="en" { (found.method.source) } }
                li { (lang.say("先看每家机构够得着它的有多少人，把数量除以人数；再把每个地方够得着的各家加起来。所以一张床位不会算两次。", "First how many people reach for each facility, and its capacity for each of them; then the sum of all that a place reaches. So nothing is counted twice.")) }
                li { (lang.say("距离的权重：", "Weights by distance: ")) (weights(lang, &question.decay)) (lang.say("。边界上的也算。", ". On the line counts."))
                    @if let Some(source) = question.decay_source { " " span.quiet lang="en" { (source) } } }
                li { (lang.say("距离是地面上的直线，不是走路的距离。", "Distances are straight lines on the ground, not walks.")) }
                @if found.method.choice.is_some() { li { (lang.say("人在这一类的所有机构里挑；不合等级等条件的，只是不算它的数量。", "People choose among all facilities of the kind; of those that do not meet the conditions only the capacity is not counted.")) } }
                li { (lang.say("地区外面的机构和人也算：他们够得着就一起用。", "Facilities and people outside the area count where they are within reach: they serve, and they compete.")) }
                @if let Some(target) = &found.target {
                    li { (lang.say("目标：每千人 ", "Target: for 1,000 people ")) (target.per_1000) @if let Some(source) = target.source { (lang.say("，", ", ")) span.quiet lang="en" { (source) } } (lang.say("。缺口 = 目标 × 人数 ÷ 1000 − 够得着的数量。", ". Lacking = target × people ÷ 1,000 − within reach.")) }
                }
                @for (count, zh, en) in left.iter().filter(|(count, ..)| *count > 0) { li { (words::count(*count as u64)) " " (lang.say(zh, en)) } }
            }
            (plan_method::basis(answer.atlas, lang, (found.revision, found.as_of), &html! {}, (&found.counted, about)))
        }
    }
}
