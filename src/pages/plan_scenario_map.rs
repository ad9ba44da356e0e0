//! The map on which a scenario is made. Every act on it leads to the address that the forms and links beneath lead to.

use maud::{Markup, html};

use super::map::{self, Canvas};
use super::plan_scenario_answer::first_kind;
use super::words;
use crate::atlas::Atlas;
use crate::http::Lang;
use crate::http::frame::{Address, asset};
use crate::http::question::{Asked, QUESTION};

/// What says how far people go, which a list of facilities is not asked.
const DISTANCE: [&str; 6] = ["within_m", "standard", "minutes", "speed_m_s", "detour", "weight"];

pub fn section(atlas: &Atlas, lang: Lang, here: &Address, asked: &Asked) -> Markup {
    let question = here.clone().only(&QUESTION);
    let gaps = question.clone().at("/api/v1/coverage/gaps");
    let facilities = question.without(&DISTANCE).without(&["by", "region"]).at("/api/v1/facilities");
    let facilities = match &asked.question.region {
        Some(region) => facilities.with("region", region),
        None => facilities,
    };
    let facilities = facilities.with("status", "operating,trial").with("limit", 1000);
    let script = asset("scenario.js");
    let canvas = Canvas {
        facilities: &facilities,
        gaps: Some((&gaps, asked.question.within_m)),
        region: asked.question.region.as_deref(),
        bbox: None,
        scenario: Some(&script),
    };
    html! {
        section id="desk" {
            h2 id="on-map" { (lang.say("在地图上做方案", "Make the scenario on the map")) }
            // Shown by the script: without it there is no map to press.
            div id="desk-tools" hidden {
                p { (lang.say("点空白处或缺口，新增一处；点一家机构，可以关闭、搬迁或扩建；也可以按住拖到新的位置。下面的表格里都能做同样的事。",
                              "Press an empty place or a gap to add a facility; press a facility to close, move or enlarge it, or drag it. Everything can be done in the forms beneath as well.")) }
                div.grid {
                    div.field {
                        label for="desk-kind" { (lang.say("新增哪一类", "Kind to add")) }
                        select id="desk-kind" { (kinds(atlas, lang, asked)) }
                    }
                    div.buttons role="group" aria-label=(lang.say("地图上看哪一边", "Which side the map shows")) {
                        button.second type="button" id="desk-before" aria-pressed="false" { (lang.say("看之前", "Before")) }
                        button.second type="button" id="desk-after" aria-pressed="true" { (lang.say("看之后", "After")) }
                    }
                }
                p.status id="desk-said" role="status" {}
            }
            (map::canvas(atlas, lang, &canvas))
            ul.legend id="desk-legend" aria-label=(lang.say("图例", "Legend")) hidden {
                li { span.dot.gap aria-hidden="true" {} (lang.say("斜线圆：没有覆盖的人，旁边是人数", "hatched circle: people not covered, with their number")) }
                li { span.dot.mended aria-hidden="true" {} (lang.say("空心虚线圆、✓：方案补上的人", "hollow dashed circle, ✓: people whom the scenario reaches")) }
                li { span.dot.lost aria-hidden="true" {} (lang.say("方格圆、!：方案让他们不再覆盖的人", "squared circle, !: people who lose theirs")) }
                li { (lang.say("方框和编号：方案里的改变，编号和下面的清单相同", "frame and number: what the scenario changes, numbered as in the list")) }
            }
        }
    }
}

fn kinds(atlas: &Atlas, lang: Lang, asked: &Asked) -> Markup {
    let chosen = first_kind(atlas, asked);
    html! {
        @for known in &atlas.vocabulary().kinds {
            option value=(known.code) data-category=(words::category(atlas, &known.code).0) selected[chosen.as_ref() == Some(&known.code)] { (lang.say(&known.name_zh, &known.name_en)) }
        }
    }
}
