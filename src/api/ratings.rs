//! `GET /api/v1/facilities/{id}/ratings` (public, with the former ones) and `GET /api/v1/ratings/expiring` (who may look).

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::JSON;
use crate::analysis::{Ending, Paper};
use crate::atlas::Atlas;
use crate::care::PastRating;
use crate::care::Vocabulary;
use crate::http::named::named;
use crate::http::sight::{ending, ending_question};
use crate::http::{App, Parameters, Problem};

/// The ratings that a facility has and had: those that stand first, then the former ones, the latest first.
pub async fn of_facility(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request, &[]).finish()?;
    let atlas = app.atlas();
    let id = named(&atlas, &id)?.facility.id;
    let ratings = app.registry.ratings_of(id).await?;
    let ratings: Vec<Value> = ratings.iter().map(|past| told(&atlas, past)).collect();
    let body = json!({"id": id, "revision": atlas.revision(), "ratings": ratings});
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}

/// As it was told, with its last day by the scheme's own rule, and whether it stands today.
fn told(atlas: &Atlas, past: &PastRating) -> Value {
    let scheme = atlas.vocabulary().scheme(&past.rating.scheme);
    let mut told = json!(past);
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            told[name] = value;
        }
    };
    put("of", json!(scheme.map(|scheme| scheme.levels)));
    put("valid_until", json!(past.rating.last_day(scheme)));
    let stands = past.superseded_at.is_none();
    put("current", json!(stands && past.rating.current(scheme, atlas.today())));
    if stands {
        put("state", json!(past.rating.validity(scheme, atlas.today())));
    }
    told
}

/// Ratings and licences that end within so many days or have ended, the soonest first, with the numbers of all.
pub async fn expiring(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let atlas = app.atlas();
    let mut parameters = Parameters::of(&request, &["region", "within_days", "limit"]);
    let question = ending_question(&mut parameters, &atlas);
    let limit = parameters.number("limit", 1..=1000, "whole number").unwrap_or(100usize);
    parameters.finish()?;
    let who = app.who(&request).await?;
    let found = ending(&app, &who, &question).await?;
    let (ratings, licences): (Vec<_>, Vec<_>) =
        found.iter().partition(|ending| matches!(ending.paper, Paper::Rating(_)));
    let lines = |endings: &[&Ending]| -> Vec<Value> {
        endings.iter().take(limit).map(|ending| line(atlas.vocabulary(), ending)).collect()
    };
    let body = json!({
        "revision": atlas.revision(),
        "today": atlas.today(),
        "region": question.region,
        "within_days": question.within_days,
        "totals": {"ratings": ratings.len(), "licences": licences.len(),
                   "ended": found.iter().filter(|ending| ending.days_left < 0).count()},
        "ratings": lines(&ratings),
        "licences": lines(&licences),
    });
    Ok(HttpResponse::Ok().content_type(JSON).body(body.to_string()))
}

fn line(vocabulary: &Vocabulary, ending: &Ending) -> Value {
    let facility = &ending.entry.facility;
    let mut line = match &ending.paper {
        Paper::Rating(rating) => {
            let mut line = json!(rating);
            line["of"] = json!(vocabulary.scheme(&rating.scheme).map(|scheme| scheme.levels));
            line
        }
        Paper::Licence(licence) => json!(licence),
    };
    line["valid_until"] = json!(ending.last_day);
    line["days_left"] = json!(ending.days_left);
    line["state"] = json!(ending.state);
    line["facility"] =
        json!({"id": facility.id, "name": facility.name, "kind": facility.kind, "region": facility.region});
    line
}
