//! Filter: what a question asks of a facility besides its distance.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::care::{Status, Text};

/// All that is set must hold; an empty filter passes everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Any of these kinds (codes that the vocabulary knows); empty means any.
    pub kinds: Vec<Text>,
    pub category: Option<Text>,
    /// Any of these statuses; empty means any. Nearest and coverage take only serving ones, whatever stands here.
    pub statuses: Vec<Status>,
    /// In this region or below it.
    pub region: Option<Text>,
    /// A current rating of at least this level, in whichever scheme.
    pub min_rating: Option<u8>,
    /// At least so many free of `measure`; unknown is not free.
    pub min_free: Option<u32>,
    /// The measure that `min_free` speaks of; `None` means the first of the facility's kind.
    pub measure: Option<Text>,
    /// Open at this local time; unknown hours do not pass.
    pub open_at: Option<NaiveDateTime>,
    /// The lowest price at most this, in CNY, whatever the unit; unknown does not pass.
    pub max_price: Option<f64>,
    pub service: Option<Text>,
    pub tag: Option<Text>,
    pub updated_since: Option<DateTime<Utc>>,
    /// West, south, east, north; west > east crosses the antimeridian. Confirmed points only.
    pub bbox: Option<[f64; 4]>,
    /// Part of the name, code or address, or the name's pinyin or initials.
    pub q: Option<Text>,
}
