//! `GET /api/v1/regions`: the tree, one level at a time, and one region with its people and its boundary; and `PATCH`:
//! whether it counts as a unit.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::GEOJSON;
use crate::analysis;
use crate::atlas::{Atlas, RegionFilter};
use crate::care::{Class, Deed, Level, Place, Region, Text, UrbanRural};
use crate::http::conditional::IfMatch;
use crate::http::links::Links;
use crate::http::representation::{self, atlas_tag};
use crate::http::who::{allow, ground_of_region};
use crate::http::wire::takes_json;
use crate::http::{App, Code, Parameters, Problem, filter};

/// People of a region and all below it, over the demand points that have a number.
#[derive(Debug, Default, Serialize)]
pub struct People {
    pub demand_points: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aged_60: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aged_80: Option<u64>,
    /// By the bureau's own groups: people, and the demand points that tell them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<Text, GroupCount>,
    /// Demand points that tell no number: the sums speak of the others only.
    pub unknown: Unknown,
    /// Regions with none below them where no demand point stands, nor one for their town.
    pub regions_without_population: usize,
    /// The oldest date among the numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
}

/// People of one group, and the demand points that tell them.
#[derive(Debug, Default, Serialize)]
pub struct GroupCount {
    pub people: u64,
    pub demand_points: usize,
}

/// Demand points without a number, by what is not told.
#[derive(Debug, Default, Serialize)]
pub struct Unknown {
    pub total: usize,
    pub aged_60: usize,
    pub aged_80: usize,
}

/// Counts the people of a region.
pub fn people(atlas: &Atlas, code: &str) -> People {
    let mut people = People::default();
    let inside = atlas
        .demand()
        .iter()
        .map(|demand| &demand.point)
        .filter(|point| point.region.as_deref().is_some_and(|region| atlas.regions().is_within(region, code)));
    for point in inside {
        people.demand_points += 1;
        for (sum, unknown, count) in [
            (&mut people.total, &mut people.unknown.total, point.total),
            (&mut people.aged_60, &mut people.unknown.aged_60, point.aged_60),
            (&mut people.aged_80, &mut people.unknown.aged_80, point.aged_80),
        ] {
            match count {
                Some(count) => *sum.get_or_insert(0) += u64::from(count),
                None => *unknown += 1,
            }
        }
        for (group, count) in point.groups.as_deref().into_iter().flatten() {
            let counted = people.groups.entry(group.clone()).or_default();
            counted.people += u64::from(*count);
            counted.demand_points += 1;
        }
        people.as_of = match (people.as_of, point.as_of) {
            (Some(held), Some(told)) => Some(held.min(told)),
            (held, told) => held.or(told),
        };
    }
    people.regions_without_population = analysis::regions_without_population(atlas, code);
    people
}

fn properties(atlas: &Atlas, region: &Region) -> Value {
    let names = |regions: Vec<&Region>| -> Vec<Value> {
        regions.iter().map(|region| json!({"code": region.code, "name": region.name})).collect()
    };
    let mut path = atlas.regions().path(&region.code);
    path.pop();
    let mut properties = json!({
        "code": region.code,
        "name": region.name,
        "level": region.level,
        "parent": region.parent,
        "path": names(path),
        "counts_in_coverage": region.counts_in_coverage,
        "class": region.class,
        "children": atlas.regions().children(&region.code).len(),
        "source": region.source,
        "version": region.state(),
    });
    if let Some(place) = &region.place {
        properties["lon"] = json!(place.lon);
        properties["lat"] = json!(place.lat);
    }
    if region.demo {
        properties["demo"] = json!(true);
    }
    properties
}

fn point(place: &Place) -> Value {
    json!({"type": "Point", "coordinates": [place.lon, place.lat]})
}

/// What the list may be asked for.
pub const LIST: [&str; 9] =
    ["parent", "level", "counts_in_coverage", "unit", "ending", "geometry", "as_of", "limit", "cursor"];

/// Regions on a page, where nobody says and at most; borders may end it sooner.
const PAGE: usize = 5000;
/// So long may a page grow before it ends, in bytes: one border may be a megabyte.
const PAGE_BYTES: usize = 16 * 1024 * 1024;
/// Children that one region's own answer names; `parent` lists them all.
const CHILDREN: usize = 1000;

/// A region as the list has it. Borders are written from where they are.
#[derive(Serialize)]
struct Item<'a> {
    r#type: &'static str,
    id: &'a str,
    geometry: Shape<'a>,
    properties: Value,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Shape<'a> {
    Border(&'a Option<Box<geojson::Geometry>>),
    Point(Option<Value>),
}

/// The roots of the tree, the children of `parent`, or a level; with their points, or with `geometry=border`; by code, a page
/// at a time.
pub async fn list(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &LIST);
    let parent = filter::region(&mut parameters, "parent", &app.atlas());
    let level = parameters.word("level", Level::from_code, &Level::ALL.map(Level::code));
    let yes = |text: &str| text.parse::<bool>().ok();
    let narrowed = RegionFilter {
        counts_in_coverage: parameters.word("counts_in_coverage", yes, &["true", "false"]),
        unit: parameters.word("unit", Class::from_code, &Class::ALL.map(Class::code)),
        ending: parameters.text("ending").map(Text::from),
        ..RegionFilter::default()
    };
    let shapes = ["point", "border"];
    let border = parameters.word("geometry", |text| shapes.iter().position(|shape| *shape == text), &shapes) == Some(1);
    let limit = parameters.number("limit", 1..=PAGE, "whole number").unwrap_or(PAGE);
    let cursor = parameters.text("cursor");
    let past = filter::as_of(&mut parameters, &app.atlas(), Utc::now());
    parameters.finish()?;
    let links = Links::of(&request);
    let (tag, body) = app
        .ponder_over(app.atlas_at(past).await?, move |atlas| {
            let tree = atlas.regions();
            let (regions, filter) = match (&parent, level) {
                (Some(parent), None) => (tree.children(parent), narrowed),
                (None, None) => (tree.roots(), narrowed),
                (_, Some(_)) => (tree.iter().collect(), RegionFilter { within: parent, level, ..narrowed }),
            };
            let (mut matched, mut returned, mut last, mut more) = (0, 0, None, false);
            let mut features = String::new();
            for region in regions.into_iter().filter(|region| filter.passes(tree, region)) {
                matched += 1;
                if cursor.as_deref().is_some_and(|cursor| *region.code <= *cursor) {
                    continue;
                }
                if returned >= limit || features.len() >= PAGE_BYTES {
                    more = true;
                    continue;
                }
                let geometry = match border {
                    true => Shape::Border(&region.border),
                    false => Shape::Point(region.place.as_ref().map(point)),
                };
                let properties = properties(atlas, region);
                let item = Item { r#type: "Feature", id: &region.code, geometry, properties };
                if returned > 0 {
                    features.push(',');
                }
                features.push_str(&serde_json::to_string(&item).map_err(|error| error.to_string())?);
                (returned, last) = (returned + 1, Some(&region.code));
            }
            let links = links.told(GEOJSON, last.filter(|_| more).map(|code| code.to_string()));
            let body = format!(
                "{{\"type\":\"FeatureCollection\",\"revision\":{},\"numberMatched\":{matched},\
                 \"numberReturned\":{returned},\"links\":{links},\"features\":[{features}]}}",
                atlas.revision(),
            );
            Ok::<_, String>((atlas_tag(atlas), body))
        })
        .await?
        .map_err(|error| Problem::internal(&error))?;
    Ok(representation::json(&request, GEOJSON, &tag, body))
}

/// One region: a Feature with its boundary, its people and its children.
pub async fn one(app: web::Data<App>, request: HttpRequest, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    feature(app, request, code.into_inner(), None).await
}

/// The tag of one region: its state, which `If-Match` compares, and what else the answer tells of: build, revision and day.
fn region_tag(atlas: &Atlas, region: &Region) -> String {
    let answer = atlas_tag(atlas).replace(['W', '/', '"'], "");
    format!("\"{}-{answer}\"", region.state())
}

/// `written`: the region as a write has just made it, whatever others made of it since.
async fn feature(
    app: web::Data<App>,
    request: HttpRequest,
    code: String,
    written: Option<Region>,
) -> Result<HttpResponse, Problem> {
    if app.atlas().regions().get(&code).is_none() {
        let moved = crate::http::named::moved(&app.atlas(), &code);
        return Err(
            moved.unwrap_or_else(|| Problem::new(Code::NotFound, format!("No region has the code \"{code}\".")))
        );
    }
    let found = app
        .ponder(move |atlas| {
            let region = written.as_ref().or_else(|| atlas.regions().get(&code))?;
            let mut properties = properties(atlas, region);
            properties["population"] = json!(people(atlas, &code));
            let children = atlas.regions().children(&code);
            properties["children_matched"] = json!(children.len());
            properties["children"] = children
                .iter()
                .take(CHILDREN)
                .map(|child| json!({"code": child.code, "name": child.name, "level": child.level}))
                .collect();
            let body = json!({
                "type": "Feature",
                "id": region.code,
                "revision": atlas.revision(),
                "geometry": region.border,
                "properties": properties,
            });
            Some((region_tag(atlas, region), body.to_string()))
        })
        .await?;
    let (tag, body) = found.ok_or_else(|| Problem::new(Code::NotFound, "The region has just gone."))?;
    Ok(representation::json(&request, GEOJSON, &tag, body))
}

/// What may be told of a region one by one; everything else comes with a file. `null` says that the class is not known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    counts_in_coverage: Option<bool>,
    #[serde(default, deserialize_with = "told")]
    class: Option<Option<UrbanRural>>,
}

/// A member that is there, be it `null`.
fn told<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<UrbanRural>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Says whether a region counts as a unit, and whether it is urban or rural, by the bureau that it belongs to.
pub async fn amend(
    app: web::Data<App>,
    request: HttpRequest,
    code: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let code = code.into_inner();
    let (atlas, mut written) = (app.atlas(), None);
    if atlas.regions().get(&code).is_some() {
        allow(&who, Deed::Register, &ground_of_region(&atlas, Some(&code)))?;
        let held = atlas.regions().get(&code).map(Region::state).unwrap_or_default();
        let saw = IfMatch::of(&request, "the region")?.state(&held);
        takes_json(&request, "{\"class\":\"urban\"}")?;
        let whole: Value = serde_json::from_slice(&body)
            .map_err(|error| Problem::new(Code::BadBody, format!("Not a JSON object: {error}.")))?;
        let told: Told = serde_json::from_value(whole).map_err(|error| {
            let field = if error.to_string().contains("urban") { "/class" } else { "/counts_in_coverage" };
            let detail = format!(
                "send {{\"counts_in_coverage\": true}} or false, and {{\"class\": \"urban\"}}, \"rural\" or null: {error}"
            );
            Problem::new(Code::Rule, "The fields break a rule.").at(field, detail)
        })?;
        if told.counts_in_coverage.is_none() && told.class.is_none() {
            let detail = "say counts_in_coverage or class";
            return Err(Problem::new(Code::Rule, "Nothing is said.").at("/counts_in_coverage", detail));
        }
        let (counts, class) = (told.counts_in_coverage, told.class);
        let (region, seq) = app.registry.settle_region(&code, &saw, counts, class, &who.actor()).await?;
        app.show_write(seq).await;
        written = Some(region);
    }
    feature(app, request, code, written).await
}
