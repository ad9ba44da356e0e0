//! How a facility is written: one GeoJSON Feature, the same wherever it stands.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::Serialize;

pub use super::entity_tag::{atlas_tag, facility_tag, feature_tag, json, open_tag, tagged};
use crate::atlas::{Atlas, Entry, Hit};
use crate::care::hours::{Doubt, State};
use crate::care::{Licence, Meal, Price, Staff, Text, Validity, phone};

/// What a Feature says of a facility, but for what depends on the minute and on the question.
#[derive(Serialize)]
struct Properties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    name: &'a str,
    kind: &'a str,
    category: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<RegionName<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    /// The numbers in `phone`, each with what is dialled for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phones: Vec<PhoneLink<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<RatingState<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    capacity: BTreeMap<&'a str, CapacityState<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licences: Vec<LicenceState<'a>>,
    /// From today on.
    #[serde(skip_serializing_if = "<[Meal]>::is_empty")]
    menu: &'a [Meal],
    #[serde(skip_serializing_if = "Option::is_none")]
    staff: Option<&'a Staff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<&'a Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ownership: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uscc: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Text]>::is_empty")]
    services: &'a [Text],
    #[serde(skip_serializing_if = "<[Text]>::is_empty")]
    tags: &'a [Text],
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    built_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    demo: bool,
    updated_at: String,
    version: i64,
}

#[derive(Serialize)]
struct PhoneLink<'a> {
    number: &'a str,
    uri: String,
}

#[derive(Serialize)]
struct RegionName<'a> {
    code: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct RatingState<'a> {
    scheme: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rated_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<NaiveDate>,
    current: bool,
}

#[derive(Serialize)]
struct LicenceState<'a> {
    #[serde(flatten)]
    held: &'a Licence,
    /// Today; absent where no last day is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Validity>,
}

#[derive(Serialize)]
struct CapacityState<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nursing: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occupied: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    over_capacity: bool,
    /// Null where nobody has said of when the figures are.
    as_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imported_on: Option<NaiveDate>,
    age_days: Option<i64>,
    stale: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

/// A moment as it is written everywhere: RFC 3339, UTC, whole seconds.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn properties<'a>(atlas: &'a Atlas, entry: &'a Entry) -> Properties<'a> {
    let facility = &entry.facility;
    let vocabulary = atlas.vocabulary();
    // Ages are counted in days, so that the text can be kept until the day turns.
    let (today, zone) = (atlas.today(), atlas.zone());
    let capacity = facility.capacity.iter().map(|held| {
        let state = CapacityState {
            total: held.total,
            nursing: held.nursing,
            occupied: held.occupied,
            free: held.free(),
            over_capacity: held.over_capacity(),
            as_of: (!held.undated).then(|| moment(held.as_of)),
            imported_on: held.undated.then(|| held.as_of.with_timezone(&zone).date_naive()),
            age_days: (!held.undated).then(|| held.age_days(today, &zone)),
            stale: held.stale(today, &zone),
            source: held.source.as_deref(),
        };
        (&*held.measure, state)
    });
    Properties {
        code: facility.code.as_deref(),
        name: &facility.name,
        kind: &facility.kind,
        category: vocabulary.kind(&facility.kind).map_or("other", |kind| &kind.category),
        status: facility.status.code(),
        address: facility.address.as_deref(),
        region: facility
            .region
            .as_deref()
            .map(|code| RegionName { code, name: atlas.regions().get(code).map_or(code, |region| &region.name) }),
        phone: facility.phone.as_deref(),
        phones: facility.phone.as_deref().map(phone_links).unwrap_or_default(),
        hours: facility.hours.as_deref(),
        rating: entry.rating().map(|(rating, current)| {
            let scheme = vocabulary.scheme(&rating.scheme);
            RatingState {
                scheme: &rating.scheme,
                level: rating.level,
                of: scheme.map(|scheme| scheme.levels),
                issuer: rating.issuer.as_deref(),
                rated_on: rating.rated_on,
                valid_until: rating.last_day(scheme),
                current,
            }
        }),
        capacity: capacity.collect(),
        licences: facility.licences.iter().map(|held| LicenceState { held, state: held.validity(today) }).collect(),
        menu: facility.menu_from(today),
        staff: facility.staff.as_deref(),
        price: facility.price.as_deref(),
        ownership: facility.ownership.as_deref(),
        operator: facility.operator.as_deref(),
        uscc: facility.uscc.as_deref(),
        services: &facility.services,
        tags: &facility.tags,
        opened_on: facility.opened_on,
        built_on: facility.built_on,
        closed_on: facility.closed_on,
        note: facility.note.as_deref(),
        source: facility.source.as_deref(),
        demo: facility.demo,
        updated_at: moment(facility.updated_at),
        version: facility.version,
    }
}

fn phone_links(text: &str) -> Vec<PhoneLink<'_>> {
    let numbers = phone::numbers(text).into_iter();
    numbers.map(|number| PhoneLink { number: &text[number.at.clone()], uri: number.uri() }).collect()
}

/// Everything up to the last property that does not change by the minute: made once, then copied.
fn body(atlas: &Atlas, entry: &Entry) -> Box<str> {
    let facility = &entry.facility;
    let mut text = format!("{{\"type\":\"Feature\",\"id\":\"{}\",\"geometry\":", facility.id);
    match facility.located() {
        Some(place) => text.push_str(&point(place.lon, place.lat)),
        None => text.push_str("null"),
    }
    text.push_str(",\"properties\":");
    text.push_str(&serde_json::to_string(&properties(atlas, entry)).unwrap_or_default());
    text.pop();
    text.into()
}

/// A GeoJSON Point.
pub fn point(lon: f64, lat: f64) -> String {
    format!("{{\"type\":\"Point\",\"coordinates\":[{lon},{lat}]}}")
}

/// Writes one Feature, open or not at `local`, and how far it stands where the question was about distance.
pub fn write_feature(out: &mut String, atlas: &Atlas, entry: &Entry, local: NaiveDateTime, distance_m: Option<f64>) {
    out.push_str(entry.body.get_or_init(|| body(atlas, entry)));
    // Writing cannot fail.
    let _ = match entry.state_at(local) {
        Some(State::Open) => out.write_str(",\"open_now\":true"),
        Some(State::Closed) => out.write_str(",\"open_now\":false"),
        Some(State::Unknown(Doubt::Told)) => out.write_str(",\"open_now_unknown\":\"the hours leave it open\""),
        Some(State::Unknown(Doubt::Holidays)) => {
            write!(out, ",\"open_now_unknown\":\"no calendar of public holidays for {}\"", local.year())
        }
        None if entry.facility.hours.is_some() => out.write_str(",\"open_now_unknown\":\"the hours cannot be read\""),
        None => Ok(()),
    };
    if let Some(distance) = distance_m {
        // In whole millimetres: a number is written faster as it is than rounded to the last digit. Writing cannot fail.
        let millimetres = (distance * 1000.0).round() as u64;
        let _ = write!(out, ",\"distance_m\":{}.{:03}", millimetres / 1000, millimetres % 1000);
    }
    out.push_str("}}");
}

/// A Feature of its own.
pub fn feature(atlas: &Atlas, entry: &Entry, now: DateTime<Utc>) -> String {
    let mut out = String::with_capacity(1024);
    write_feature(&mut out, atlas, entry, local(atlas, now), None);
    out
}

/// The Features of a list, with commas between.
pub fn features<'a>(atlas: &Atlas, entries: impl Iterator<Item = &'a Entry>, now: DateTime<Utc>) -> String {
    let local = local(atlas, now);
    let mut out = String::new();
    for entry in entries {
        if !out.is_empty() {
            out.push(',');
        }
        write_feature(&mut out, atlas, entry, local, None);
    }
    out
}

/// Writes the Features of a search by distance, with commas between.
pub fn write_hits(out: &mut String, atlas: &Atlas, hits: &[Hit], now: DateTime<Utc>) {
    let local = local(atlas, now);
    out.reserve(1024 * hits.len());
    for (at, hit) in hits.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_feature(out, atlas, &hit.entry, local, Some(hit.distance_m));
    }
}

/// The local time of the registry's zone.
pub fn local(atlas: &Atlas, now: DateTime<Utc>) -> NaiveDateTime {
    now.with_timezone(&atlas.zone()).naive_local()
}
