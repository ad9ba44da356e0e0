//! Charts: lines over whole numbers, as SVG that follows the page's colours. Each is a picture with a text, and stands
//! beside the table that it is drawn from. Lines differ by their marks and their strokes, not by colour alone.

use maud::{Markup, PreEscaped, html};
use plotters::prelude::*;

/// Units of the drawing, width and height; on the page it is as wide as there is room.
const SIZE: (u32, u32) = (760, 420);
/// Colours that stand for the page's own, which differ by contrast.
const INK: RGBColor = RGBColor(1, 1, 1);
const QUIET: RGBColor = RGBColor(2, 2, 2);
const ACCENT: RGBColor = RGBColor(3, 3, 3);
const STAND_FOR: [(&str, &str); 3] =
    [("#010101", "var(--ink)"), ("#020202", "var(--line)"), ("#030303", "var(--accent)")];

/// A line of a chart: its value at 0, 1, 2 …
pub struct Line<'a> {
    pub name: &'a str,
    pub values: Vec<f64>,
    /// Dashed and with crosses: what cannot be passed. Else drawn out and with dots.
    pub limit: bool,
}

/// A chart with a text for those who do not see it. Empty where there is nothing to draw.
pub fn lines(text: &str, across: &str, up: &str, lines: &[Line]) -> Markup {
    html! {
        @if let Some(drawn) = draw(text, across, up, lines) {
            figure.chart {
                (PreEscaped(drawn))
                figcaption { @for line in lines {
                    span.key { span aria-hidden="true" { @if line.limit { "✕ " } @else { "● " } } (line.name) }
                } }
            }
        }
    }
}

fn draw(text: &str, across: &str, up: &str, lines: &[Line]) -> Option<String> {
    let last = lines.iter().map(|line| line.values.len()).max().filter(|count| *count > 1)? - 1;
    let all = || lines.iter().flat_map(|line| line.values.iter().copied()).filter(|value| value.is_finite());
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    // From nothing, unless that would flatten the line.
    let low = if low < 0.6 * high { 0.0 } else { low - 0.3 * (high - low).max(1.0) };
    let high = high + 0.06 * (high - low).max(1.0);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let font = ("sans-serif", 20).into_font().color(&INK);
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(56)
            .y_label_area_size(104)
            .build_cartesian_2d(0.0..last as f64, low.max(0.0)..high)
            .ok()?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels((last + 1).min(11))
            .y_labels(6)
            .x_label_formatter(&|value| if value.fract().abs() < 1e-6 { format!("{value:.0}") } else { String::new() })
            .y_label_formatter(&|value| super::words::count(value.round().max(0.0) as u64))
            .x_desc(across)
            .y_desc(up)
            .label_style(font.clone())
            .axis_desc_style(font)
            .bold_line_style(QUIET)
            .light_line_style(TRANSPARENT)
            .axis_style(INK)
            .draw()
            .ok()?;
        for line in lines {
            let points =
                || (0..).zip(&line.values).filter(|(_, v)| v.is_finite()).map(|(at, value)| (f64::from(at), *value));
            let marked = points().step_by((last / 40).max(1));
            if line.limit {
                chart.draw_series(DashedLineSeries::new(points(), 6, 5, INK.stroke_width(2))).ok()?;
                chart.draw_series(marked.map(|point| Cross::new(point, 4, INK.stroke_width(2)))).ok()?;
            } else {
                chart.draw_series(LineSeries::new(points(), ACCENT.stroke_width(3))).ok()?;
                chart.draw_series(marked.map(|point| Circle::new(point, 5, ACCENT.filled()))).ok()?;
            }
        }
        area.present().ok()?;
    }
    for (drawn, page) in STAND_FOR {
        svg = svg.replace(drawn, page);
    }
    let label = html! { svg role="img" aria-label=(text) {} }.into_string();
    let opening = label.trim_end_matches("></svg>");
    Some(svg.replacen("<svg", opening, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_text_and_nothing_that_the_policy_forbids() {
        let line = |values: &[f64], limit| Line { name: "覆盖", values: values.to_vec(), limit };
        let drawn = lines("从 0 到 <2>", "新建", "人", &[line(&[0.0, 5.0, 8.0], false), line(&[0.0, 6.0, 9.0], true)]);
        let drawn = drawn.into_string();
        assert!(drawn.contains("<svg role=\"img\" aria-label=\"从 0 到 &lt;2&gt;\""), "{drawn}");
        assert!(drawn.contains("var(--accent)") && drawn.contains("var(--ink)"));
        for forbidden in ["style=", "<script", "<style", "href", "#0"] {
            assert!(!drawn.contains(forbidden), "{forbidden} in {drawn}");
        }
        assert_eq!(lines("nothing", "", "", &[line(&[1.0], false)]).into_string(), "");
    }
}
