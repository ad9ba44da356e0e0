//! Inspections in the API: those of one facility, one by its number, and the sweep over a region. Not public.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::JSON;
use super::capacity::if_match;
use super::register::{idempotency_key, read};
use crate::analysis::Part;
use crate::care::inspection::Finding;
use crate::care::{Deed, Ground, Inspection, Who};
use crate::http::links::{self, Links};
use crate::http::named::named;
use crate::http::representation::{facility_tag, tagged};
use crate::http::review::wrong;
use crate::http::sight::{LOOKED, looked, looked_question, sweep_question, sweeping};
use crate::http::who::{allow, ground};
use crate::http::{App, Code, Parameters, Problem};
use crate::registry::{Inspections, Told};

/// Those of one facility, the newest first.
pub async fn of_facility(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Look, &ground(&atlas, facility))?;
    let inspections = app.registry.inspections(Inspections::Of(vec![facility.id])).await?;
    let answers: Vec<Value> = inspections.iter().map(|inspection| inspection.answer(atlas.today())).collect();
    let body = json!({"facility": facility.id, "inspections": answers});
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}

/// Tells of a new inspection. The same `Idempotency-Key` twice makes one.
pub async fn add(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let atlas = app.atlas();
    let facility = &named(&atlas, &id)?.facility;
    allow(&who, Deed::Register, &ground(&atlas, facility))?;
    let told = read(&request, &body)?;
    let inspection = Inspection::of(facility.id, &told, atlas.vocabulary(), atlas.today()).map_err(wrong)?;
    // The same words about another facility are another inspection.
    let print = Sha256::new().chain_update(facility.id.as_bytes()).chain_update(&body).finalize().to_vec();
    let key = idempotency_key(&request)?.map(|key| (key, print));
    let (inspection, seq) = match app.registry.add_inspection(inspection, &who.actor(), key).await? {
        Told::New(written) => (written.inspection, written.seq),
        Told::Again(made) => (find(&app, &who, &made.to_string(), Deed::Look).await?, 0),
    };
    app.show_write(seq).await;
    let place = format!("/api/v1/inspections/{}", inspection.id);
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, place));
    Ok(answer(&app, response, &inspection))
}

/// The inspection of this number, if the asker may do this with it.
pub async fn find(app: &App, who: &Who, id: &str, deed: Deed) -> Result<Inspection, Problem> {
    let unknown = || Problem::new(Code::NotFound, format!("No inspection has the id \"{id}\"."));
    let number: Uuid = id.parse().map_err(|_| unknown())?;
    let found = app.registry.inspections(Inspections::One(number)).await?.pop().ok_or_else(unknown)?;
    let atlas = app.atlas();
    let gone = || Ground { facility: Some(found.facility), regions: Vec::new() };
    let about = atlas.facility(found.facility).map_or_else(gone, |entry| ground(&atlas, &entry.facility));
    allow(who, deed, &about)?;
    Ok(found)
}

/// One, with its version as ETag.
pub async fn one(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let inspection = find(&app, &who, &id, Deed::Look).await?;
    // What is overdue turns with the day.
    let today = app.atlas().today();
    let tag = format!("\"{}-{}\"", inspection.version, today.format("%y%m%d"));
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store")).content_type(JSON);
    Ok(tagged(&request, response, &tag, inspection.answer(today).to_string()))
}

/// Amends it by JSON merge patch, on the version that was seen; `findings` replaces the list.
pub async fn amend(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let who = app.who(&request).await?;
    let held = find(&app, &who, &id, Deed::Register).await?;
    let expected = if_match(&request)?.version(held.version);
    let told = read(&request, &body)?;
    let atlas = app.atlas();
    if held.version == expected {
        // Refused here with the place of each fault; the record would say them in one sentence.
        held.with(&told, atlas.vocabulary(), atlas.today()).map_err(wrong)?;
    }
    let (vocabulary, today) = (atlas.vocabulary().clone(), atlas.today());
    let written = app.registry.amend_inspection(held.id, expected, told, &who.actor(), vocabulary, today).await?;
    app.show_write(written.seq).await;
    Ok(answer(&app, HttpResponse::Ok(), &written.inspection))
}

fn answer(app: &App, mut response: actix_web::HttpResponseBuilder, inspection: &Inspection) -> HttpResponse {
    response
        .insert_header((header::ETAG, facility_tag(inspection.version)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type(JSON)
        .body(inspection.answer(app.atlas().today()).to_string())
}

/// The facilities in sight that were inspected in some days, each once.
pub async fn facilities(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &[LOOKED.as_slice(), &["limit", "cursor"]].concat());
    let asked = looked_question(&mut parameters, &app.atlas());
    let part = links::part(&mut parameters);
    parameters.finish()?;
    let who = app.who(&request).await?;
    let found = looked(&app, &who, asked).await?;
    let rows = found.iter().map(|(entry, inspections)| {
        let told = |inspection: &Inspection| json!({"id": inspection.id, "inspected_on": inspection.inspected_on});
        let facility = &entry.facility;
        json!({
            "facility": facility.id,
            "name": facility.name,
            "kind": facility.kind,
            "region": facility.region,
            "inspections": inspections.iter().map(told).collect::<Vec<_>>(),
        })
    });
    Ok(records(&app, &request, rows.collect(), part))
}

/// What was found there in some days, finding by finding.
pub async fn findings(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&request, &[LOOKED.as_slice(), &["category", "limit", "cursor"]].concat());
    let asked = looked_question(&mut parameters, &app.atlas());
    let part = links::part(&mut parameters);
    let category = parameters.text("category");
    parameters.finish()?;
    let who = app.who(&request).await?;
    let mut rows = Vec::new();
    for (entry, inspections) in looked(&app, &who, asked).await? {
        for inspection in &inspections {
            let asked = |found: &&Finding| category.as_ref().is_none_or(|category| *found.category == **category);
            rows.extend(inspection.findings.iter().filter(asked).map(|finding| {
                let mut row = json!(finding);
                (row["facility"], row["name"]) = (json!(entry.facility.id), json!(entry.facility.name));
                (row["inspection"], row["inspected_on"]) = (json!(inspection.id), json!(inspection.inspected_on));
                row
            }));
        }
    }
    Ok(records(&app, &request, rows, part))
}

fn records(app: &App, request: &HttpRequest, mut rows: Vec<Value>, part: Part) -> HttpResponse {
    let (matched, next) = links::cut(&mut rows, part);
    let links = Links::of(request).told(JSON, next);
    let body = json!({"revision": app.atlas().revision(), "numberMatched": matched, "links": links, "rows": rows});
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).content_type(JSON).body(body.to_string())
}

/// Who is done and what is overdue, over a region and all below it.
pub async fn sweep(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let mut parameters = Parameters::of(&request, &["region", "type", "since", "kind"]);
    let asked = sweep_question(&mut parameters, &atlas);
    parameters.finish()?;
    let who = app.who(&request).await?;
    let sweep = sweeping(&app, &who, &asked).await?;
    let body = json!({
        "revision": atlas.revision(),
        "region": asked.region,
        "type": asked.question.r#type,
        "since": asked.question.since,
        "today": asked.question.today,
        "totals": sweep.totals,
        "districts": sweep.districts,
        "rows": sweep.rows,
    });
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}
