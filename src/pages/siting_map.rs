//! The map of a plan of siting, drawn on the server: people by circles, what stands, the new sites by number; shapes and
//! hatching tell them apart, not colour alone. Its table has the same figures.

use geojson::Geometry;
use maud::{Markup, html};

use super::drawing::{self, Projection, WIDTH, around};
use super::words;
use crate::analysis::siting::Siting;
use crate::analysis::siting::outlook::Crowd;
use crate::atlas::Atlas;
use crate::http::Lang;

/// Units that the largest circle is wide on either side of its middle; the area of all others is by their people.
const LARGEST: f64 = 34.0;
/// Units that a circle is at least, to be seen.
const SMALLEST: f64 = 2.0;
/// Units on either side of a new site's middle.
const SITE: f64 = 19.0;
/// Degrees that the ground is wide at least.
const NARROWEST: f64 = 0.005;

/// The map and its table; nothing where no distance says who is covered.
pub fn show(atlas: &Atlas, lang: Lang, plan: &Siting) -> Markup {
    let title = lang.say("方案的地图", "Map of the plan");
    html! {
        @if !plan.outlook.people.is_empty() {
            h2 id="map-of-plan" { (title) }
            figure {
                figcaption { (hint(lang, plan)) }
                div.scroll role="region" aria-label=(title) tabindex="0" { (drawn(atlas, lang, plan, title)) }
                (legend(lang, plan))
            }
            (table(lang, plan))
        }
    }
}

fn hint(lang: Lang, plan: &Siting) -> Markup {
    html! {
        (lang.say("圆的面积按人数；有斜线的圆还没有覆盖，空心的圆已覆盖。数字是新点的序号，和下面的表一样。",
                  "The area of a circle is by people; hatched ones are not covered, hollow ones are. Numbers are those of the new sites in the table below."))
        @if plan.outlook.gathered { " " (lang.say("需求点很多，相近的合成一个圆。", "There are many demand points: those near each other share a circle.")) }
        @if plan.standard.capacity.is_some() { " " (lang.say("图上的“覆盖”只看距离，不看够不够位置。", "“Covered” on the map looks at distance alone, not at whether there are places enough.")) }
    }
}

/// Borders that show where one is: those of the regions below, or of the region itself.
fn borders<'a>(atlas: &'a Atlas, plan: &Siting) -> Vec<&'a Geometry> {
    let tree = atlas.regions();
    let code = plan.standard.region.as_deref();
    let below = code.map_or_else(|| tree.roots(), |code| tree.children(code));
    let found: Vec<&Geometry> = below.iter().filter_map(|region| region.border.as_deref()).collect();
    match (found.is_empty(), code.and_then(|code| tree.get(code)?.border.as_deref())) {
        (true, Some(own)) => vec![own],
        _ => found,
    }
}

fn drawn(atlas: &Atlas, lang: Lang, plan: &Siting, title: &str) -> Markup {
    let outlook = &plan.outlook;
    let borders = borders(atlas, plan);
    let sites = plan.sites.iter().chain(&plan.nearly).map(|site| (site.lon, site.lat));
    let people = outlook.people.iter().map(|crowd| (crowd.lon, crowd.lat));
    let all = sites.chain(people).fold(drawing::whole(borders.iter().copied()), |all, (x, y)| around(all, x, y));
    let wide = |from: f64, to: f64| (NARROWEST - (to - from)).max(0.02 * (to - from)) / 2.0;
    let (across, up) = (wide(all[0], all[2]), wide(all[1], all[3]));
    let projection = Projection::over([all[0] - across, all[1] - up, all[2] + across, all[3] + up]);
    let most = outlook.people.iter().map(|crowd| crowd.people).max().unwrap_or(1).max(1) as f64;
    let radius = |crowd: &Crowd| (LARGEST * (crowd.people as f64 / most).sqrt()).max(SMALLEST);
    let at = |lon: f64, lat: f64| projection.at(lon, lat);
    // The largest first, so that none hides a smaller one.
    let mut crowds: Vec<&Crowd> = outlook.people.iter().collect();
    crowds.sort_by_key(|crowd| std::cmp::Reverse(crowd.people));
    let whole = |value: f64| format!("{value:.0}");
    let height = projection.height.ceil() + 40.0;
    html! {
        svg.areas xmlns="http://www.w3.org/2000/svg" viewBox=(format!("-20 -20 {} {height}", WIDTH + 40.0)) role="img" aria-labelledby="plan-title plan-desc" {
            title id="plan-title" { (title) }
            desc id="plan-desc" { (described(lang, plan)) }
            defs { pattern id="open" width="7" height="7" patternUnits="userSpaceOnUse" {
                rect.ground width="7" height="7" {} path.unserved d="M0 7L7 0M-1 1L1 -1M6 8L8 6" {}
            } }
            @for border in &borders { path.outline d=(drawing::path(&projection, border).0) {} }
            @for crowd in crowds { @let (x, y) = at(crowd.lon, crowd.lat);
                @if crowd.covered { circle.served cx=(whole(x)) cy=(whole(y)) r=(format!("{:.1}", radius(crowd))) {} }
                @else { circle.unserved fill="url(#open)" cx=(whole(x)) cy=(whole(y)) r=(format!("{:.1}", radius(crowd))) {} }
            }
            @for (lon, lat, _) in &outlook.standing { @let (x, y) = at(*lon, *lat);
                rect.stands x=(whole(x - 6.0)) y=(whole(y - 6.0)) width="12" height="12" {} }
            @for (rank, site) in plan.nearly.iter().enumerate().rev() { @let rank = plan.sites.len() + 1 + rank; @let (x, y) = at(site.lon, site.lat);
                rect.nearly x=(whole(x - SITE)) y=(whole(y - SITE)) width=(2.0 * SITE) height=(2.0 * SITE) {}
                text x=(whole(x)) y=(whole(y + 8.0)) { (rank) } }
            @for (rank, site) in plan.sites.iter().enumerate().rev() { @let (x, y) = at(site.lon, site.lat);
                circle.site cx=(whole(x)) cy=(whole(y)) r=(SITE) {}
                text.on x=(whole(x)) y=(whole(y + 8.0)) { (rank + 1) } }
        }
    }
}

/// The map in a sentence, for those who do not see it.
fn described(lang: Lang, plan: &Siting) -> String {
    let outlook = &plan.outlook;
    let (new, nearly, beyond) = (plan.sites.len(), plan.nearly.len(), words::count(outlook.beyond.1));
    let standing: usize = outlook.standing.iter().map(|held| held.2).sum();
    match lang {
        Lang::Zh => {
            format!(
                "{new} 个新点，{standing} 家现有机构，{nearly} 个差一点选上的点；还有 {beyond} 人没有覆盖。数字都在表里。"
            )
        }
        Lang::En => format!(
            "{new} new sites, {standing} existing facilities, {nearly} that nearly made it; {beyond} people stay uncovered. The tables have all figures."
        ),
    }
}

fn legend(lang: Lang, plan: &Siting) -> Markup {
    let one = |drawn: Markup, said: &str| html! { li { svg.swatch aria-hidden="true" viewBox="0 0 48 32" { (drawn) } (said) } };
    let outlook = &plan.outlook;
    html! {
        ul.legend aria-label=(lang.say("图例", "Legend")) {
            (one(html! { circle.site cx="24" cy="16" r="14" {} }, lang.say("新的点，中间是序号", "a new site with its number")))
            @if !plan.nearly.is_empty() { (one(html! { rect.nearly x="11" y="3" width="26" height="26" {} }, lang.say("差一点选上的点（虚线方框）", "nearly chosen (dashed square)"))) }
            @if !outlook.standing.is_empty() { (one(html! { rect.stands x="18" y="10" width="12" height="12" {} },
                if outlook.standing.iter().any(|held| held.2 > 1) { lang.say("现有的机构（小方块，相近的合成一个）", "existing facilities (small square; near ones share one)") }
                else { lang.say("现有的机构（小方块）", "an existing facility (small square)") })) }
            (one(html! { circle.served cx="24" cy="16" r="13" {} }, lang.say("已覆盖的人", "people covered")))
            (one(html! { circle.unserved fill="url(#open)" cx="24" cy="16" r="13" {} }, lang.say("没有覆盖的人", "people not covered")))
        }
    }
}

fn table(lang: Lang, plan: &Siting) -> Markup {
    let outlook = &plan.outlook;
    let caption = lang.say("图上的人", "The people on the map");
    let heads = [lang.say("需求点", "Demand points"), lang.say("人数", "People")];
    let rows = [
        (lang.say("现有机构够得着", "within reach of what stands"), outlook.near_standing, plan.standard.keep_existing),
        (lang.say("只有新的点够得着", "within reach of a new site only"), outlook.near_new, true),
        (lang.say("都够不着", "within reach of neither"), outlook.beyond, true),
    ];
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table.cards {
                caption { (caption) }
                thead { tr { th scope="col" { (lang.say("距离以内有没有", "Within the distance")) } @for head in heads { th.n scope="col" { (head) } } } }
                tbody { @for (name, (points, people), _) in rows.iter().filter(|row| row.2) { tr {
                    th scope="row" { (name) }
                    td.n data-label=(heads[0]) { (words::count(*points as u64)) }
                    td.n data-label=(heads[1]) { (words::count(*people)) }
                } } }
            }
        }
    }
}
