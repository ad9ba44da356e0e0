//! Entity tags: what an answer depends on, so that it is sent again only where it has changed.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use chrono::{DateTime, Utc};

use super::conditional::held_already;
use super::representation::local;
use crate::atlas::{Atlas, Entry};
use crate::care::hours::State;

/// The tag of an answer from the atlas: the build, the revision and the day. Weak, for the time as of which the record is
/// known is not in it. Where the answer says who is open, [`open_tag`] is the one.
pub fn atlas_tag(atlas: &Atlas) -> String {
    // After a failover that lost changes, the same number stands for another record.
    let log = atlas.position().log.as_fields().0;
    format!("W/\"{}-{log:x}-{}-{}\"", env!("CARGO_PKG_VERSION"), atlas.revision(), atlas.today().format("%y%m%d"))
}

/// The same of an answer that says who of these is open at `now`: it changes when one of them opens or closes.
///
/// `matched`: how many there are in all, which the answer says too.
pub fn open_tag<'a>(
    atlas: &Atlas,
    entries: impl Iterator<Item = &'a Entry>,
    matched: usize,
    now: DateTime<Utc>,
) -> String {
    let local = local(atlas, now);
    // FNV-1a over whom the answer lists and how each stands.
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0100_0000_01b3);
    let hash = entries.fold(0xcbf2_9ce4_8422_2325, |hash: u64, entry| {
        let (high, low) = entry.facility.id.as_u64_pair();
        mix(mix(hash, high ^ low.rotate_left(17)), u64::from(mark(entry.state_at(local)) as u32))
    });
    let tag = atlas_tag(atlas);
    format!("{}-{matched}-{hash:016x}\"", tag.trim_end_matches('"'))
}

/// One letter for open, closed and unknown.
fn mark(state: Option<State>) -> char {
    match state {
        Some(State::Open) => 'o',
        Some(State::Closed) => 'c',
        Some(State::Unknown(_)) => 'u',
        None => 'n',
    }
}

/// The tag of a record: its version.
pub fn facility_tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The tag of one facility's answer: its version, and behind it what else the answer depends on, where it does: the day, once
/// that is another than the record's last, and whether it is open. `If-Match` reads the version only.
pub fn feature_tag(atlas: &Atlas, entry: &Entry, now: DateTime<Utc>) -> String {
    let facility = &entry.facility;
    let dated = !(facility.capacity.is_empty()
        && facility.ratings.is_empty()
        && facility.licences.is_empty()
        && facility.menu.is_empty());
    let today = atlas.today();
    let mut behind = String::new();
    if dated && facility.updated_at.with_timezone(&atlas.zone()).date_naive() != today {
        behind.push_str(&today.format("%y%m%d").to_string());
    }
    if facility.status.serving() && facility.hours.is_some() {
        behind.push(mark(entry.state_at(local(atlas, now))));
    }
    let dash = if behind.is_empty() { "" } else { "-" };
    format!("\"{}{dash}{behind}\"", facility.version)
}

/// A JSON answer with its tag; 304 where the asker holds it already.
pub fn json(request: &HttpRequest, content_type: &str, tag: &str, body: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-cache")).content_type(content_type);
    tagged(request, response, tag, body)
}

/// The same with other headers.
pub fn tagged(request: &HttpRequest, mut response: HttpResponseBuilder, tag: &str, body: String) -> HttpResponse {
    response.insert_header((header::ETAG, tag));
    if held_already(request, tag) { response.status(StatusCode::NOT_MODIFIED).finish() } else { response.body(body) }
}
