//! A map of regions by share, drawn on the server: hatching and figures, not colour alone; whole on paper.

use geo::{LineString, Simplify};
use geojson::{Geometry, GeometryValue, Position};
use maud::{Markup, PreEscaped, html};

use super::words;
use crate::analysis::coverage::Row;
use crate::atlas::Atlas;
use crate::http::Lang;
use crate::http::frame::Address;

/// Where the classes of share end, each with its end outside; the last takes the rest.
const ENDS: [f64; 4] = [0.2, 0.4, 0.6, 0.8];
/// The class of regions without population data.
const UNKNOWN: usize = 5;
/// Units across the drawing.
const WIDTH: f64 = 1000.0;
/// Corners nearer to a line than this, in units, are left out (Douglas and Peucker 1973).
const NEAR: f64 = 1.0;
/// The least room that the drawing has on a screen, in pixels across and down: map.css says so.
const SCREEN: (f64, f64) = (720.0, 810.0);
/// Pixels that a region is wide and high at least to be a link, which a finger must hit.
const LINK_PX: f64 = 48.0;
/// Units that a share takes where it is written.
const LABEL: (f64, f64) = (62.0, 30.0);

/// A region with its border in units.
struct Area<'a> {
    row: &'a Row,
    class: usize,
    path: String,
    /// Left, top, right, bottom.
    frame: [f64; 4],
    label: (f64, f64),
}

/// Degrees to units: a plate carrée true to scale at the middle latitude, north up.
struct Projection {
    west: f64,
    north: f64,
    across: f64,
    down: f64,
    height: f64,
}

impl Projection {
    fn over([west, south, east, north]: [f64; 4]) -> Projection {
        let squeeze = ((south + north) / 2.0).to_radians().cos().max(0.01);
        let across = WIDTH / (east - west).max(1e-9);
        // Higher than wide is as high as three times as wide at most.
        let down = (across / squeeze).min(3.0 * WIDTH / (north - south).max(1e-9));
        Projection { west, north, across, down, height: (north - south) * down }
    }

    fn at(&self, lon: f64, lat: f64) -> (f64, f64) {
        ((lon - self.west) * self.across, (self.north - lat) * self.down)
    }
}

fn rings(border: &Geometry) -> Vec<&Vec<Position>> {
    match &border.value {
        GeometryValue::Polygon { coordinates } => coordinates.iter().collect(),
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().flatten().collect(),
        _ => Vec::new(),
    }
}

fn class(share: Option<f64>) -> usize {
    share.map_or(UNKNOWN, |share| ENDS.partition_point(|end| *end <= share))
}

/// The path of a border in whole units, with only the corners that show, and its frame.
fn path(projection: &Projection, border: &Geometry) -> (String, [f64; 4]) {
    let mut path = String::new();
    let mut frame = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for ring in rings(border) {
        let line: LineString<f64> = ring.iter().map(|at| projection.at(at[0], at[1])).collect();
        let mut last: Option<(i64, i64)> = None;
        for corner in line.simplify(NEAR).0 {
            let (x, y) = (corner.x.round() as i64, corner.y.round() as i64);
            frame = [frame[0].min(corner.x), frame[1].min(corner.y), frame[2].max(corner.x), frame[3].max(corner.y)];
            match last {
                None => path.push_str(&format!("M{x} {y}l")),
                Some(last) if last == (x, y) => continue,
                Some((from_x, from_y)) => path.push_str(&format!("{} {} ", x - from_x, y - from_y)),
            }
            last = Some((x, y));
        }
        path.push('z');
    }
    (path, frame)
}

/// The regions of the rows that have a border, or nothing where fewer than two have.
pub fn draw(atlas: &Atlas, lang: Lang, rows: &[Row], here: &Address) -> Markup {
    let bordered = |row| -> Option<(&Row, &crate::care::Region, &Geometry)> {
        let row: &Row = row;
        let region = atlas.regions().get(row.region.as_deref()?)?;
        Some((row, region, region.border.as_deref()?))
    };
    let bordered: Vec<_> = rows.iter().filter_map(bordered).collect();
    let corners = bordered.iter().flat_map(|(_, _, border)| rings(border)).flatten();
    let whole = corners.fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |all, at| {
        [all[0].min(at[0]), all[1].min(at[1]), all[2].max(at[0]), all[3].max(at[1])]
    });
    let drawable = bordered.len() >= 2 && whole[0] < whole[2] && whole[1] < whole[3];
    if !drawable {
        return html! {};
    }
    let projection = Projection::over(whole);
    let areas: Vec<Area> = bordered
        .iter()
        .map(|(row, region, border)| {
            let (path, frame) = path(&projection, border);
            let middle = ((frame[0] + frame[2]) / 2.0, (frame[1] + frame[3]) / 2.0);
            let label = region.place.as_ref().map_or(middle, |place| projection.at(place.lon, place.lat));
            Area { row, class: class(row.share), path, frame, label }
        })
        .collect();
    show(lang, &areas, rows.len() - areas.len(), projection.height, here)
}

fn show(lang: Lang, areas: &[Area], missing: usize, height: f64, here: &Address) -> Markup {
    let title = lang.say("各地区的覆盖率图", "Map of the share covered by region");
    let scale = (SCREEN.0 / WIDTH).min(SCREEN.1 / height.max(1.0));
    let count = |class: usize| areas.iter().filter(|area| area.class == class).count();
    let number = |at: usize| at.to_string();
    html! {
        figure {
            figcaption id="areas-title" { strong { (title) } " "
                (lang.say("线越密，覆盖的人越少；空白的覆盖八成以上。每个地区的数字都在下面的表里。",
                          "The denser the lines, the fewer are covered; blank is four in five or more. Every figure is in the table below.")) }
            div.scroll role="region" aria-label=(title) tabindex="0" {
                svg.areas xmlns="http://www.w3.org/2000/svg" viewBox=(format!("-4 -4 {} {}", WIDTH + 8.0, height.ceil() + 8.0)) role="group" aria-labelledby="areas-title" {
                    (patterns())
                    @for area in areas { (shape(lang, area, here, LINK_PX / scale)) }
                    @for area in labelled(areas) {
                        text aria-hidden="true" x=(number(area.label.0.round() as usize)) y=(number((area.label.1 + 8.0).round().max(0.0) as usize)) {
                            (area.row.share.map_or("?".to_owned(), |share| format!("{:.0}%", share * 100.0))) }
                    }
                }
            }
            ul.legend aria-label=(lang.say("图例", "Legend")) {
                @for class in 0..=UNKNOWN { @if count(class) > 0 {
                    li { svg.swatch aria-hidden="true" viewBox="0 0 48 32" { path.area fill=(fill(class)) d="M1 1h46v30h-46z" {} }
                         (class_name(lang, class)) (lang.say("：", ": ")) (count(class)) (lang.say(" 个地区", " regions")) }
                } }
            }
            @if missing > 0 { p.quiet { (missing) (lang.say(" 个地区没有边界，不在图上，在表里。", " regions have no border and are only in the table.")) } }
        }
    }
}

/// The areas that have room for their share, none of them written over another.
fn labelled<'a, 'b>(areas: &'b [Area<'a>]) -> Vec<&'b Area<'a>> {
    let mut written: Vec<&Area> = Vec::new();
    for area in areas {
        let room = area.frame[2] - area.frame[0] >= LABEL.0 && area.frame[3] - area.frame[1] >= LABEL.1;
        let over = |other: &&Area| {
            (other.label.0 - area.label.0).abs() < LABEL.0 && (other.label.1 - area.label.1).abs() < LABEL.1
        };
        if room && !written.iter().any(over) {
            written.push(area);
        }
    }
    written
}

/// One area; a link to the same question about it where it is at least so many units wide and high.
fn shape(lang: Lang, area: &Area, here: &Address, least: f64) -> Markup {
    let name = area.row.name.as_deref().unwrap_or_default();
    let share = area.row.share.map_or(lang.say("没有人口数据", "no population data").to_owned(), words::percent);
    let said = format!("{name}{}{share}", lang.say("：", ": "));
    let drawn = html! { path.area fill=(fill(area.class)) d=(area.path) { title { (said) } } };
    let wide = area.frame[2] - area.frame[0] >= least && area.frame[3] - area.frame[1] >= least;
    html! {
        @match area.row.region.as_deref().filter(|_| wide) {
            Some(code) => a lang="zh-CN" href=(here.clone().with("region", code).without(&["by"])) aria-label=(said) { (drawn) },
            None => g lang="zh-CN" { (drawn) },
        }
    }
}

fn fill(class: usize) -> String {
    format!("url(#h{class})")
}

/// One pattern a class: crossed, dense, middling, sparse, blank; dots where nothing is known.
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
        }
    }
}

fn class_name(lang: Lang, class: usize) -> &'static str {
    [
        lang.say("不到 20%", "below 20%"),
        lang.say("20%–40%", "20% to 40%"),
        lang.say("40%–60%", "40% to 60%"),
        lang.say("60%–80%", "60% to 80%"),
        lang.say("80% 以上", "80% and above"),
        lang.say("没有人口数据", "no population data"),
    ][class.min(UNKNOWN)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_on_the_line_belongs_to_the_better_class_and_none_to_its_own() {
        assert_eq!([0.0, 0.199, 0.2, 0.5, 0.8, 1.0].map(|share| class(Some(share))), [0, 0, 1, 2, 4, 4]);
        assert_eq!(class(None), UNKNOWN);
    }

    #[test]
    fn a_border_is_drawn_with_only_the_corners_that_show() {
        let ring: Vec<[f64; 2]> = (0..=400)
            .map(|at| f64::from(at) / 100.0)
            .map(|along| match along {
                a if a < 1.0 => [118.0 + a, 33.0],
                a if a < 2.0 => [119.0, 32.0 + a],
                a if a < 3.0 => [121.0 - a, 34.0],
                a => [118.0, 37.0 - a],
            })
            .collect();
        let border = serde_json::json!({"type": "Polygon", "coordinates": [ring]});
        let border: Geometry = serde_json::from_value(border).expect("a polygon");
        let projection = Projection::over([118.0, 33.0, 119.0, 34.0]);
        let (path, frame) = path(&projection, &border);
        assert!(path.len() < 60 && path.starts_with("M0 ") && path.ends_with('z'), "{path}");
        assert_eq!([frame[0], frame[1], frame[2]], [0.0, 0.0, 1000.0]);
    }
}
