//! Records that an address names, and what became of those that were merged or renumbered.

use std::sync::Arc;

use uuid::Uuid;

use super::{Code, Problem};
use crate::atlas::{Atlas, Entry};

/// The facility that the address names.
pub fn named<'a>(atlas: &'a Atlas, id: &str) -> Result<&'a Arc<Entry>, Problem> {
    let known = id.parse().ok().and_then(|id: Uuid| atlas.facility(id));
    let unknown = || Problem::new(Code::NotFound, format!("No facility has the id \"{id}\"."));
    known.ok_or_else(|| moved(atlas, id).unwrap_or_else(unknown))
}

/// What became of a record of this key, where it was merged or renumbered.
pub fn moved(atlas: &Atlas, key: &str) -> Option<Problem> {
    let becomes = atlas.successor(key)?.to_string();
    let detail = format!("{key} is now {becomes}.");
    Some(Problem { moved: Some(Box::new((key.to_owned(), becomes))), ..Problem::new(Code::Moved, detail) })
}
