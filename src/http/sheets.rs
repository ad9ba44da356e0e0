//! The report as tables of cells, for a spreadsheet or CSV.

use super::report::{Answered, link};
use crate::analysis::indicators::{Line, Report};
use crate::exchange::workbook::{Table, Value};

fn headings(pairs: &[&str]) -> Vec<String> {
    pairs.iter().map(|heading| (*heading).to_owned()).collect()
}

/// What the report is about: a line for each fact.
pub fn about(answered: &Answered<Report>) -> Table {
    let summary = answered.answer.summary();
    let row = |name: &str, value: Value| vec![Value::text(name), value];
    let number = |number: usize| Value::Number(number as f64);
    Table {
        name: "说明 about".to_owned(),
        headings: headings(&["项目 item", "内容 value"]),
        rows: vec![
            row("地区 region", Value::text(format!("{} {}", answered.region.code, answered.region.name))),
            row("年份 year", Value::Number(f64::from(answered.year))),
            row("数据截至 as of", Value::text(super::representation::moment(answered.as_of))),
            row("版次 revision", Value::Number(answered.atlas.revision() as f64)),
            row("已计算 computed", number(summary.computed)),
            row("无法计算 not computable", number(summary.not_computable)),
            row("未登记 not known", number(summary.unknown)),
        ],
    }
}

fn shown(unit: &str, value: Option<f64>) -> Value {
    match (unit, value) {
        (_, None) => Value::Empty,
        ("share", Some(share)) => Value::Share(share),
        (_, Some(number)) => Value::Number(number),
    }
}

fn cells(line: &Line) -> Vec<Value> {
    let (indicator, outcome) = (line.indicator, &line.outcome);
    let joined = |parts: Vec<String>| Value::text(parts.join("; "));
    let claims = line.claims.iter().map(|claim| {
        let qualifier = claim.qualifier.as_deref().unwrap_or_default();
        format!("{}{qualifier} ({})", claim.value, claim.agreement.words().0)
    });
    vec![
        Value::text(&*indicator.line),
        Value::text(&*indicator.zh),
        Value::text(&*indicator.en),
        shown(&indicator.unit, outcome.value),
        Value::text(outcome.qualifier.as_deref().unwrap_or_default()),
        Value::text(&*indicator.unit),
        Value::text(outcome.state.words().0),
        Value::text(outcome.missing.as_ref().map_or("", |missing| &missing.zh)),
        Value::text(indicator.formula.text()),
        joined(outcome.parts.iter().map(|part| format!("{} {}", part.name.zh, part.value)).collect()),
        joined(outcome.notes.iter().map(|note| note.zh.clone()).collect()),
        joined(claims.collect()),
        joined(outcome.sources.iter().map(ToString::to_string).collect()),
        joined(outcome.records.iter().map(link).collect()),
        Value::text(if outcome.demo { "演示 demo" } else { "" }),
    ]
}

/// A row for each line of the report.
pub fn lines(answered: &Answered<Report>) -> Table {
    Table {
        name: "指标 indicators".to_owned(),
        headings: headings(&[
            "line",
            "name_zh",
            "name_en",
            "value",
            "qualifier",
            "unit",
            "state",
            "missing",
            "formula",
            "parts",
            "notes",
            "claims",
            "sources",
            "records",
            "demo",
        ]),
        rows: answered.answer.lines.iter().map(cells).collect(),
    }
}

/// A row for each check.
pub fn checks(answered: &Answered<Report>) -> Table {
    let row = |check: &crate::analysis::indicators::Checked| {
        vec![
            Value::text(&*check.name.zh),
            Value::text(&*check.name.en),
            Value::text(check.verdict.words().0),
            Value::number(check.whole),
            Value::number(check.parts),
            Value::number(check.difference),
            Value::Number(check.tolerance),
            Value::text(&*check.shown.zh),
        ]
    };
    Table {
        name: "核对 checks".to_owned(),
        headings: headings(&["name_zh", "name_en", "verdict", "whole", "parts", "difference", "tolerance", "shown"]),
        rows: answered.answer.checks.iter().map(row).collect(),
    }
}
