//! `GET /api/v1/tiers`: the tier rules held against the units of a region.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde_json::{Value, json};

use super::JSON;
use super::coverage::{CSV, csv_wanted};
use crate::analysis::tiers::{Tier, Unit, tier};
use crate::care::tier::{Denominator, rules};
use crate::exchange::workbook::{Table, Value as Cell, csv};
use crate::http::links::{self, Links};
use crate::http::representation::{self, atlas_tag, moment};
use crate::http::{App, Parameters, Problem, filter, sheets};

/// What it may be asked for.
pub const TIERS: [&str; 7] = ["region", "rule", "denominator", "as_of", "format", "limit", "cursor"];

/// All rules with their shares; for a rule that is named, every unit as well, a page of them at a time.
pub async fn tiers(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &TIERS);
    let region = filter::region(&mut parameters, "region", &app.atlas());
    let codes: Vec<&str> = rules().iter().map(|rule| &*rule.code).collect();
    let rule = parameters.word("rule", |text| rules().iter().find(|rule| &*rule.code == text), &codes);
    let words = Denominator::ALL.map(Denominator::code);
    let denominator = parameters.word("denominator", Denominator::from_code, &words);
    let as_csv = csv_wanted(&mut parameters);
    let (part, links) = (links::part(&mut parameters), Links::of(&request));
    let told = links.clone();
    let past = filter::as_of(&mut parameters, &app.atlas(), Utc::now());
    parameters.finish()?;
    let as_of = moment(past.unwrap_or_else(|| app.live.as_of()));
    let (tag, body, rest) = app
        .ponder_over(app.atlas_at(past).await?, move |atlas| {
            let asked = rules().iter().filter(|known| rule.is_none_or(|rule| rule.code == known.code));
            let tiers: Vec<Tier> = asked.map(|rule| tier(atlas, region.as_deref(), rule, denominator)).collect();
            // Without a rule that is named no unit is told.
            let named = tiers.first().filter(|_| rule.is_some());
            let units = named.map(|tier| tier.units(atlas, part)).unwrap_or_default();
            let matched = named.and_then(Tier::chosen).map_or(0, |counted| counted.units);
            let next = links::next(part, units.len(), matched);
            let rest = next.clone().filter(|_| as_csv);
            let body = if as_csv {
                csv(&named.map_or_else(|| sheets::rules(&tiers), |tier| table(tier, &units)))
            } else {
                let tiers: Vec<Value> =
                    tiers.iter().map(|tier| written(tier, named.map(|_| units.as_slice()))).collect();
                let mut body = json!({
                    "revision": atlas.revision(),
                    "as_of": as_of,
                    "region": region,
                    "rules": tiers,
                });
                if rule.is_some() {
                    body["numberMatched"] = json!(matched);
                    body["links"] = told.told(JSON, next);
                }
                Ok(body.to_string())
            };
            (atlas_tag(atlas), body, rest)
        })
        .await?;
    let body = body.map_err(|error| Problem::internal(&error))?;
    Ok(links.lead(representation::json(&request, if as_csv { CSV } else { JSON }, &tag, body), rest))
}

fn written(tier: &Tier, units: Option<&[Unit]>) -> Value {
    let rule = tier.rule;
    let chosen = tier.chosen();
    let mut json = json!({
        "code": rule.code,
        "name_zh": rule.zh,
        "name_en": rule.en,
        "level": rule.level,
        "kinds": rule.condition.kinds,
        "tag": rule.condition.tag,
        "minimum": rule.minimum,
        "source": rule.source,
        "denominator": tier.chosen,
        "units": chosen.map(|counted| counted.units),
        "meets": chosen.map(|counted| counted.meets),
        "misses": chosen.map(|counted| counted.misses),
        "share": chosen.and_then(|counted| counted.share),
        "denominators": tier.counted,
        "unknown_class": tier.unknown_class,
        "unplaced": tier.unplaced,
    });
    if let Some(units) = units {
        json["rows"] = json!(units);
    }
    if tier.demo {
        json["demo"] = json!(true);
    }
    json
}

/// A row for each unit of the rule.
fn table(tier: &Tier, units: &[Unit]) -> Table {
    let headings =
        ["rule", "denominator", "region", "name", "class", "counts_in_coverage", "facilities", "minimum", "meets"];
    let rows = units.iter().map(|unit| {
        vec![
            Cell::text(&*tier.rule.code),
            Cell::text(tier.chosen.code()),
            Cell::text(&*unit.region),
            Cell::text(&*unit.name),
            Cell::text(unit.class.map_or("", |class| class.code())),
            Cell::text(unit.counts_in_coverage.to_string()),
            Cell::Number(f64::from(unit.facilities)),
            Cell::Number(f64::from(tier.rule.minimum)),
            Cell::text(unit.meets.to_string()),
        ]
    });
    Table { name: "tiers".to_owned(), headings: headings.map(str::to_owned).to_vec(), rows: rows.collect() }
}
