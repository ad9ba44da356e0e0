//! `PATCH /api/v1/facilities/{id}/capacity`: a JSON merge patch of the figures, by whoever holds a token.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use super::GEOJSON;
use crate::atlas::Atlas;
use crate::care::Deed;
use crate::care::draft::{CapacityDraft, Figure};
use crate::care::kind::nearest_word;
use crate::http::conditional::IfMatch;
use crate::http::named::named;
use crate::http::review::{made, stale, tell};
use crate::http::who::{allow, ground};
use crate::http::wire::takes_json;
use crate::http::{App, Code, Parameters, Problem};
use crate::registry::RegistryError;

/// The members that a measure may have in a patch.
const FIGURES: [&str; 4] = ["total", "nursing", "occupied", "as_of"];

/// Writes the figures, waits until this process's atlas has them, and answers the Feature with its new ETag.
pub async fn update(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let atlas = app.atlas();
    let held = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Tell, &ground(&atlas, held))?;
    let condition = if_match(&request)?;
    let told = read(&atlas, &request, &body)?;
    let mut expected = condition.version(held.version);
    let written = loop {
        match tell(&app, &atlas, held, expected, told.clone(), &who.actor()).await {
            Err(RegistryError::Stale(current)) => match condition.again(expected, current.version) {
                Some(version) => expected = version,
                None => return Err(stale(&app, *current)),
            },
            other => break other?,
        }
    };
    let (tag, feature) = made(&app, written).await;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).content_type(GEOJSON).body(feature))
}

/// What the writer saw.
pub fn if_match(request: &HttpRequest) -> Result<IfMatch, Problem> {
    IfMatch::of(request, "the record")
}

/// One measure in a patch: absent leaves, null forgets, a number tells.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    #[serde(default, deserialize_with = "told")]
    total: Option<Option<u32>>,
    #[serde(default, deserialize_with = "told")]
    nursing: Option<Option<u32>>,
    #[serde(default, deserialize_with = "told")]
    occupied: Option<Option<u32>>,
    as_of: Option<DateTime<Utc>>,
}

impl Patch {
    /// `null` in the place of a measure: none of its figures is known.
    fn forget() -> Patch {
        Patch { total: Some(None), nursing: Some(None), occupied: Some(None), as_of: None }
    }
}

fn told<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::<u32>::deserialize(source).map(Some)
}

fn read(atlas: &Atlas, request: &HttpRequest, body: &[u8]) -> Result<Vec<CapacityDraft>, Problem> {
    takes_json(request, "{\"beds\":{\"total\":120,\"occupied\":97}}")?;
    let patch: BTreeMap<String, serde_json::Value> = serde_json::from_slice(body)
        .map_err(|error| Problem::new(Code::BadBody, format!("Not a JSON object: {error}.")))?;
    let mut problem = Problem::new(Code::Rule, "The capacity breaks a rule.");
    let known: Vec<&str> = atlas.vocabulary().measures.iter().map(|measure| &*measure.code).collect();
    let mut drafts = Vec::new();
    for (measure, figures) in patch {
        if !known.contains(&measure.as_str()) {
            let hint = nearest_word(&measure, known.iter().copied()).map(|near| format!("; is it \"{near}\"?"));
            let hint = hint.unwrap_or_else(|| format!("; known: {}", known.join(", ")));
            problem = problem.at(format!("/{measure}"), format!("no measure has this name{hint}"));
            continue;
        }
        let patch = if figures.is_null() { Ok(Patch::forget()) } else { serde_json::from_value(figures) };
        match patch {
            Ok(patch) => drafts.push(CapacityDraft {
                measure: measure.into(),
                total: Figure::from(patch.total),
                nursing: Figure::from(patch.nursing),
                occupied: Figure::from(patch.occupied),
                as_of: patch.as_of,
                undated: false,
            }),
            Err(error) => {
                let detail = format!("{error}; a measure is an object of {}, whole numbers from 0", FIGURES.join(", "));
                problem = problem.at(format!("/{measure}"), detail);
            }
        }
    }
    if drafts.is_empty() && problem.faults.is_empty() {
        problem = problem.at("", "names no measure; nothing would change");
    }
    if problem.faults.is_empty() { Ok(drafts) } else { Err(problem) }
}
