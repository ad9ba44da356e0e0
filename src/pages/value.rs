//! Value: what a field of a facility holds, said the way one says it, on one line or a few.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde_json::Value;

use super::dossier::{given, licence, meal, menu_day, staffed};
use super::inputs::hours_said;
use super::words;
use crate::atlas::Atlas;
use crate::care::draft::FacilityDraft;
use crate::care::fields::{self, Wishes};
use crate::care::{Facility, Place, Rating};
use crate::http::Lang;

/// The figures, which are no field of their own but are shown, and stay or go, as one.
pub const FIGURES: &str = "capacity";

/// What a field holds by itself, such as in a request or in the log.
pub fn told(atlas: &Atlas, lang: Lang, name: &str, value: &Value) -> Markup {
    let mut whole = FacilityDraft::default().create(DateTime::<Utc>::UNIX_EPOCH);
    let told = Wishes::from_iter([(name.to_owned(), value.clone())]);
    match fields::with(&whole, &told, atlas.vocabulary()) {
        Ok(with) => whole = with,
        // By words that have since been given up, such as a scheme: as the record held it.
        Err(_) if fields::restore(&mut whole, &told).is_ok() => {}
        Err(_) => return words::told(&plain(value)),
    }
    held(atlas, lang, &whole, name)
}

/// What a facility's field holds.
pub fn held(atlas: &Atlas, lang: Lang, facility: &Facility, name: &str) -> Markup {
    let vocabulary = atlas.vocabulary();
    match name {
        FIGURES => lines(lang, facility.capacity.iter().map(|held| html! { (words::capacity(atlas, lang, held)) })),
        "kind" if vocabulary.kind(&facility.kind).is_some() => {
            html! { (words::kind_name(atlas, lang, &facility.kind)) }
        }
        "status" => html! { (words::status(lang, facility.status)) },
        "region" => match facility.region.as_deref().and_then(|code| atlas.regions().get(code)) {
            Some(region) => html! { (words::told(&region.name)) " " span.number { (region.code) } },
            None => plainly(lang, facility, name),
        },
        "place" => facility.place.as_ref().map_or_else(|| words::unknown(lang), |place| html! { (point(lang, place)) }),
        "price" => facility
            .price
            .as_deref()
            .and_then(|held| words::price(lang, held))
            .map_or_else(|| words::unknown(lang), |said| html! { (said) }),
        "hours" => facility.hours.as_deref().map_or_else(|| words::unknown(lang), |told| hours_said(atlas, lang, told)),
        "ratings" => lines(lang, facility.ratings.iter().map(|rating| rated(atlas, lang, rating))),
        "licences" => lines(lang, facility.licences.iter().map(|held| licence(atlas, lang, held))),
        "menu" => lines(
            lang,
            facility.menu.iter().map(|told| html! { (menu_day(lang, told.day, atlas.today())) " " (meal(lang, told)) }),
        ),
        "staff" => match &facility.staff {
            Some(staff) => html! { (staffed(lang, staff)) },
            None => words::unknown(lang),
        },
        _ => plainly(lang, facility, name),
    }
}

fn plainly(lang: Lang, facility: &Facility, name: &str) -> Markup {
    match plain(&fields::value(facility, name)) {
        text if text.is_empty() => words::unknown(lang),
        text => words::told(&text),
    }
}

/// One under the other; nothing is "not registered".
fn lines(lang: Lang, all: impl Iterator<Item = Markup>) -> Markup {
    let all: Vec<Markup> = all.collect();
    html! {
        @if all.is_empty() { (words::unknown(lang)) }
        @for (at, line) in all.iter().enumerate() { @if at > 0 { br; } (line) }
    }
}

/// A rating with its last day, and who gave it when.
fn rated(atlas: &Atlas, lang: Lang, rating: &Rating) -> Markup {
    html! {
        (words::rating_until(atlas, lang, rating))
        @if rating.issuer.is_some() || rating.rated_on.is_some() { " " span.quiet { (given(lang, rating)) } }
    }
}

/// The point in WGS 84, and whether anybody has confirmed it.
fn point(lang: Lang, place: &Place) -> Markup {
    html! {
        span.number { (format!("{:.5}, {:.5}", place.lon, place.lat)) }
        @if !place.confirmed { " " (lang.say("（未核实）", "(not confirmed)")) }
    }
}

/// A text as it is, a list with semicolons; empty where nothing is held.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("；"),
        Value::Object(members) => members.values().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::atlas::sample;

    #[test]
    fn what_a_request_or_the_log_holds_is_said_in_words_and_not_in_codes() {
        let atlas = sample::atlas(0, 3);
        let said = |name: &str, value: Value| told(&atlas, Lang::Zh, name, &value).into_string();
        let kind = atlas.vocabulary().kinds[0].clone();
        assert_eq!(said("kind", json!(kind.code)), &*kind.name_zh);
        assert_eq!(said("status", json!("suspended")), words::status(Lang::Zh, crate::care::Status::Suspended));
        let scheme = atlas.vocabulary().schemes[0].clone();
        let rating = json!([{"scheme": scheme.code, "level": 3, "issuer": "省民政厅", "rated_on": "2026-05-01"}]);
        let rating = said("ratings", rating);
        for part in [&*scheme.name_zh, "3 ", "省民政厅", "2026 年 5 月 1 日"] {
            assert!(rating.contains(part), "{part} in {rating}");
        }
        assert!(said("place", json!({"lon": 118.3, "lat": 33.9, "datum": "wgs84"})).contains("118.30000, 33.90000"));
        assert_eq!(said("phone", Value::Null), words::unknown(Lang::Zh).into_string());
        assert!(said("services", json!(["助浴", "助餐"])).contains("助浴；助餐"));
        // A kind that the vocabulary no longer has is still shown.
        assert!(said("kind", json!("given_up")).contains("given_up"));
    }
}
