//! Districts as links and choices: the way in for those who would rather choose than type.

use maud::{Markup, html};

use crate::atlas::Atlas;
use crate::care::{Level, Region};
use crate::http::Lang;
use crate::http::frame::Address;

/// As many links as one looks through.
const MOST: usize = 30;

/// The regions to choose from: those of one level, the lowest of which there are not too many.
pub fn districts(atlas: &Atlas) -> Vec<&Region> {
    let levels = Level::ALL.into_iter().rev();
    let mut shown = levels.map(|level| of_level(atlas, level));
    shown.find(|regions| regions.len() <= MOST).unwrap_or_else(|| atlas.regions().roots())
}

/// The regions of a level, and those above it that have none below them.
fn of_level(atlas: &Atlas, level: Level) -> Vec<&Region> {
    let tree = atlas.regions();
    let mut waiting = tree.roots();
    waiting.reverse();
    let mut found = Vec::new();
    while let Some(region) = waiting.pop() {
        let children = if region.level < level { tree.children(&region.code) } else { Vec::new() };
        if children.is_empty() {
            found.push(region);
        }
        waiting.extend(children.into_iter().rev());
    }
    found
}

/// The districts as links to `base` with their `region`.
pub fn links(atlas: &Atlas, lang: Lang, base: &Address) -> Markup {
    html! {
        ul.chips {
            @for region in districts(atlas) { (link(region, lang, base)) }
        }
    }
}

/// One region as a link.
pub fn link(region: &Region, lang: Lang, base: &Address) -> Markup {
    html! {
        li { a href=(base.clone().with("region", &region.code)) { span lang="zh-CN" { (region.name) }
             @if region.demo { (lang.say("（演示）", " (demo)")) } } }
    }
}

/// A choice of region for a form: everything, the districts under what stands above them, and the one chosen.
pub fn choice(atlas: &Atlas, lang: Lang, chosen: Option<&str>) -> Markup {
    let districts = districts(atlas);
    let mut shown: Vec<&Region> = Vec::new();
    for region in districts.iter().flat_map(|district| atlas.regions().path(&district.code)) {
        if !shown.iter().any(|known| known.code == region.code) {
            shown.push(region);
        }
    }
    // One that is farther down was reached by a link; it stays a choice.
    for region in chosen.iter().flat_map(|code| atlas.regions().path(code)) {
        if !shown.iter().any(|known| known.code == region.code) {
            shown.push(region);
        }
    }
    html! {
        option value="" { (lang.say("全部地区", "Everywhere")) }
        @for region in shown {
            option value=(region.code) selected[chosen == Some(&*region.code)] lang="zh-CN" {
                @for _ in 1..atlas.regions().path(&region.code).len() { "　" }
                (region.name)
            }
        }
    }
}

/// A choice of region within a scope (`None`: everywhere): the scope as a whole, what stands directly below it, and the one
/// chosen.
pub fn field_within(atlas: &Atlas, lang: Lang, scope: Option<&str>, chosen: Option<&str>) -> Markup {
    let tree = atlas.regions();
    let mut shown = scope.map_or_else(|| tree.roots(), |code| tree.children(code));
    let path = chosen.map(|code| tree.path(code)).unwrap_or_default();
    // Those between, so that one can also go up again; nothing above the scope.
    let inside = path.iter().filter(|region| scope.is_none_or(|scope| tree.is_within(&region.code, scope)));
    let extra: Vec<&Region> = inside
        .copied()
        .chain(chosen.iter().flat_map(|code| tree.children(code)))
        .filter(|region| Some(&*region.code) != scope && !shown.iter().any(|known| known.code == region.code))
        .collect();
    shown.extend(extra);
    shown.sort_by(|a, b| a.code.cmp(&b.code));
    let whole =
        scope.and_then(|code| tree.get(code)).map_or(lang.say("全部地区", "Everywhere"), |region| &region.name);
    html! {
        div.field {
            label for="region" { (lang.say("地区", "Area")) }
            select id="region" name="region" {
                option value="" { (whole) }
                @for region in shown {
                    option value=(region.code) selected[chosen == Some(&*region.code)] lang="zh-CN" { (region.name) }
                }
            }
        }
    }
}
