//! The report, plans, tiers and scenarios as tables of cells, for a spreadsheet or CSV.

use super::report::{Answered, link};
use crate::analysis::coverage::Row;
use crate::analysis::indicators::{Line, Report};
use crate::analysis::plan::Standing;
use crate::analysis::tiers::Tier;
use crate::analysis::what_if::WhatIf;
use crate::atlas::Atlas;
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
        Value::text(outcome.stock_on.map_or_else(String::new, |day| day.to_string())),
        Value::text(outcome.period.map_or_else(String::new, |(from, to)| format!("{from}/{to}"))),
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
            "standing_on",
            "period",
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

/// A row for each target: what an import reads of it, and then what was computed.
pub fn standings(atlas: &Atlas, standings: &[Standing]) -> Table {
    let row = |standing: &Standing| {
        let Standing { target, measure, unit, built, lost, share, track } = standing;
        let name = atlas.regions().get(&target.region).map_or("", |region| &region.name);
        let (state_zh, state_en) = track.words();
        let state = serde_json::to_value(track).unwrap_or_default();
        vec![
            Value::text(&*target.region),
            Value::text(name),
            Value::Number(f64::from(target.year)),
            Value::text(&*target.measure),
            Value::text(&*measure.zh),
            Value::text(&*measure.en),
            Value::text(*unit),
            Value::number(target.planned),
            Value::number(built.value),
            share.map_or(Value::Empty, Value::Share),
            Value::text(state.as_str().unwrap_or_default()),
            Value::text(state_zh),
            Value::text(state_en),
            Value::number(lost.value),
            Value::text(target.source.as_deref().unwrap_or_default()),
            Value::text(target.note.as_deref().unwrap_or_default()),
            Value::text((target.demo || built.demo).to_string()),
        ]
    };
    Table {
        name: "计划 targets".to_owned(),
        headings: headings(&[
            "region",
            "name",
            "year",
            "measure",
            "measure_zh",
            "measure_en",
            "unit",
            "planned",
            "built",
            "share",
            "state",
            "state_zh",
            "state_en",
            "lost",
            "source",
            "note",
            "demo",
        ]),
        rows: standings.iter().map(row).collect(),
    }
}

/// A row for each rule and way of counting; `chosen` is the one that the rule, or who asked, goes by.
pub fn rules(tiers: &[Tier]) -> Table {
    let rows = tiers.iter().flat_map(|tier| {
        tier.counted.iter().map(|counted| {
            vec![
                Value::text(&*tier.rule.code),
                Value::text(&*tier.rule.zh),
                Value::text(&*tier.rule.en),
                Value::text(tier.rule.level.code()),
                Value::text(counted.denominator.code()),
                Value::text((counted.denominator == tier.chosen).to_string()),
                Value::Number(counted.units as f64),
                Value::Number(counted.meets as f64),
                Value::Number(counted.misses as f64),
                counted.share.map_or(Value::Empty, Value::Share),
                Value::text(&*tier.rule.source),
            ]
        })
    });
    Table {
        name: "规则 rules".to_owned(),
        headings: headings(&[
            "rule",
            "name_zh",
            "name_en",
            "level",
            "denominator",
            "chosen",
            "units",
            "meets",
            "misses",
            "share",
            "source",
        ]),
        rows: rows.collect(),
    }
}

/// What a scenario changes: before, after, and after less before.
type Figure = (&'static str, fn(&Row) -> Option<f64>);

const FIGURES: [Figure; 6] = [
    ("covered", |row| row.covered.map(|people| people as f64)),
    ("uncovered", |row| row.uncovered.map(|people| people as f64)),
    ("share", |row| row.share),
    ("mean_m", |row| row.mean_m),
    ("person_m", |row| row.person_m),
    ("facilities", |row| Some(row.facilities as f64)),
];

/// A row for each region of the answer, changed or not. A difference is empty where one side is not known.
pub fn what_if(answer: &WhatIf) -> Table {
    let held = |after: &Row| {
        answer.before.rows.iter().find(|before| (&before.region, before.class) == (&after.region, after.class))
    };
    let row = |after: &Row| {
        let before = held(after);
        let mut cells = vec![
            Value::text(after.region.as_deref().unwrap_or_default()),
            Value::text(after.name.as_deref().unwrap_or_default()),
            Value::text(after.class.unwrap_or_default()),
            Value::number(after.population.map(|people| people as f64)),
        ];
        for (_, figure) in FIGURES {
            let (was, is) = (before.and_then(figure), figure(after));
            let difference = was.zip(is).map(|(was, is)| is - was);
            cells.extend([was, is, difference].map(Value::number));
        }
        cells
    };
    let named =
        FIGURES.iter().flat_map(|(name, _)| ["before", "after", "difference"].map(|side| format!("{name}_{side}")));
    Table {
        name: "方案 scenario".to_owned(),
        headings: headings(&["region", "name", "class", "population"]).into_iter().chain(named).collect(),
        rows: answer.after.rows.iter().map(row).collect(),
    }
}
