//! A map of regions by class, drawn on the server: hatching and figures, not colour alone; whole on paper.

use geojson::Geometry;
use maud::{Markup, PreEscaped, html};

use super::drawing::{self, Projection, WIDTH};
use crate::atlas::Atlas;
use crate::http::Lang;
use crate::http::frame::Address;

/// The class of regions of which nothing is known.
pub const UNKNOWN: usize = 5;
/// The class of regions that have nothing at all: shown as the worst, and told apart from it.
pub const NOTHING: usize = 6;
/// The least room that the drawing has on a screen, in pixels across and down: map.css says so.
const SCREEN: (f64, f64) = (720.0, 810.0);
/// Pixels that a region is wide and high at least to be a link, which a finger must hit.
const LINK_PX: f64 = 48.0;
/// Units that a letter of a figure is wide, and that the figure is high.
const LETTER: (f64, f64) = (15.0, 30.0);

/// What the map says of a region.
pub struct Shown<'a> {
    pub region: Option<&'a str>,
    pub name: Option<&'a str>,
    /// 0, where the lines are densest, to 4, which is blank; or [`UNKNOWN`], or [`NOTHING`].
    pub class: usize,
    /// What is written on it.
    pub figure: String,
    /// What is said of it, behind its name.
    pub said: String,
}

/// What the map is of.
pub struct Sheet<'a> {
    pub title: &'a str,
    /// How its hatching is read.
    pub hint: &'a str,
    /// The names of the classes, by number.
    pub classes: [String; 7],
}

/// A region with its border in units.
struct Area<'a> {
    shown: &'a Shown<'a>,
    path: String,
    /// Left, top, right, bottom.
    frame: [f64; 4],
    label: (f64, f64),
}

/// The class of a value among classes that end at `ends`, each with its end outside; the last takes the rest.
pub fn class(value: Option<f64>, ends: &[f64]) -> usize {
    value.map_or(UNKNOWN, |value| ends.partition_point(|end| *end <= value))
}

/// Those regions that have a border, or nothing where fewer than two have. A click asks the question at `here` about one.
pub fn draw(atlas: &Atlas, lang: Lang, sheet: &Sheet, shown: &[Shown], here: &Address) -> Markup {
    let bordered = |shown| -> Option<(&Shown, &crate::care::Region, &Geometry)> {
        let shown: &Shown = shown;
        let region = atlas.regions().get(shown.region?)?;
        Some((shown, region, region.border.as_deref()?))
    };
    let bordered: Vec<_> = shown.iter().filter_map(bordered).collect();
    let whole = drawing::whole(bordered.iter().map(|(.., border)| *border));
    let drawable = bordered.len() >= 2 && whole[0] < whole[2] && whole[1] < whole[3];
    if !drawable {
        return html! {};
    }
    let projection = Projection::over(whole);
    let areas: Vec<Area> = bordered
        .iter()
        .map(|(shown, region, border)| {
            let (path, frame) = drawing::path(&projection, border);
            let middle = ((frame[0] + frame[2]) / 2.0, (frame[1] + frame[3]) / 2.0);
            let label = region.place.as_ref().map_or(middle, |place| projection.at(place.lon, place.lat));
            Area { shown, path, frame, label }
        })
        .collect();
    show(lang, sheet, &areas, shown.len() - areas.len(), projection.height, here)
}

fn show(lang: Lang, sheet: &Sheet, areas: &[Area], missing: usize, height: f64, here: &Address) -> Markup {
    let scale = (SCREEN.0 / WIDTH).min(SCREEN.1 / height.max(1.0));
    let count = |class: usize| areas.iter().filter(|area| area.shown.class == class).count();
    let number = |at: usize| at.to_string();
    html! {
        figure {
            figcaption id="areas-title" { strong { (sheet.title) } " " (sheet.hint) }
            div.scroll role="region" aria-label=(sheet.title) tabindex="0" {
                svg.areas xmlns="http://www.w3.org/2000/svg" viewBox=(format!("-4 -4 {} {}", WIDTH + 8.0, height.ceil() + 8.0)) role="group" aria-labelledby="areas-title" {
                    (patterns())
                    @for area in areas { (shape(lang, area, here, LINK_PX / scale)) }
                    @for area in labelled(areas) {
                        text aria-hidden="true" x=(number(area.label.0.round() as usize)) y=(number((area.label.1 + 8.0).round().max(0.0) as usize)) {
                            (area.shown.figure) }
                    }
                }
            }
            ul.legend aria-label=(lang.say("图例", "Legend")) {
                @for class in [NOTHING, 0, 1, 2, 3, 4, UNKNOWN] { @if count(class) > 0 {
                    li { svg.swatch aria-hidden="true" viewBox="0 0 48 32" { path.area fill=(fill(class)) d="M1 1h46v30h-46z" {} }
                         (sheet.classes[class]) (lang.say("：", ": ")) (count(class)) (lang.say(" 个地区", " regions")) }
                } }
            }
            @if missing > 0 { p.quiet { (missing) (lang.say(" 个地区没有边界，不在图上，在表里。", " regions have no border and are only in the table.")) } }
        }
    }
}

/// The areas that have room for their figure, none of them written over another.
fn labelled<'a, 'b>(areas: &'b [Area<'a>]) -> Vec<&'b Area<'a>> {
    let wide = |area: &Area| LETTER.0 * (area.shown.figure.chars().count() as f64 + 1.0);
    let mut written: Vec<&Area> = Vec::new();
    for area in areas {
        let room = area.frame[2] - area.frame[0] >= wide(area) && area.frame[3] - area.frame[1] >= LETTER.1;
        let over = |other: &&Area| {
            (other.label.0 - area.label.0).abs() < (wide(other) + wide(area)) / 2.0
                && (other.label.1 - area.label.1).abs() < LETTER.1
        };
        if room && !written.iter().any(over) {
            written.push(area);
        }
    }
    written
}

/// One area; a link to the same question about it where it is at least so many units wide and high.
fn shape(lang: Lang, area: &Area, here: &Address, least: f64) -> Markup {
    let said = format!("{}{}{}", area.shown.name.unwrap_or_default(), lang.say("：", ": "), area.shown.said);
    let drawn = html! { path.area fill=(fill(area.shown.class)) d=(area.path) { title { (said) } } };
    let wide = area.frame[2] - area.frame[0] >= least && area.frame[3] - area.frame[1] >= least;
    html! {
        @match area.shown.region.filter(|_| wide) {
            Some(code) => a lang="zh-CN" href=(here.clone().with("region", code).without(&["by"])) aria-label=(said) { (drawn) },
            None => g lang="zh-CN" { (drawn) },
        }
    }
}

fn fill(class: usize) -> String {
    format!("url(#h{class})")
}

/// One pattern a class: crossed, dense, middling, sparse, blank; dots where nothing is known, and crosses where nothing is.
fn patterns() -> Markup {
    let tile = |class: usize, size: usize, inner: &'static str| {
        html! {
            pattern id=(format!("h{class}")) width=(size) height=(size) patternUnits="userSpaceOnUse" {
                rect.ground width=(size) height=(size) {}
                (PreEscaped(inner))
            }
        }
    };
    html! {
        defs {
            (tile(0, 10, r#"<path class="hatch" d="M0 10L10 0M0 0L10 10M-2 2L2 -2M8 12L12 8M-2 8L2 12M8 -2L12 2"/>"#))
            (tile(1, 10, r#"<path class="hatch" d="M0 10L10 0M-2 2L2 -2M8 12L12 8"/>"#))
            (tile(2, 18, r#"<path class="hatch" d="M0 18L18 0M-2 2L2 -2M16 20L20 16"/>"#))
            (tile(3, 34, r#"<path class="hatch" d="M0 34L34 0M-2 2L2 -2M32 36L36 32"/>"#))
            (tile(4, 10, ""))
            (tile(UNKNOWN, 16, r#"<circle class="dots" cx="8" cy="8" r="2.5"/>"#))
            (tile(NOTHING, 24, r#"<path class="none" d="M5 5L19 19M19 5L5 19"/>"#))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_the_line_belongs_to_the_better_class_and_none_to_its_own() {
        let ends = [0.2, 0.4, 0.6, 0.8];
        assert_eq!([0.0, 0.199, 0.2, 0.5, 0.8, 1.0].map(|share| class(Some(share), &ends)), [0, 0, 1, 2, 4, 4]);
        assert_eq!(class(None, &ends), UNKNOWN);
    }
}
