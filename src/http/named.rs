//! Records that an address names, and what became of those that were merged or renumbered.

use std::sync::Arc;

use uuid::Uuid;

use super::{Code, Problem};
use crate::atlas::{Atlas, Entry};

/// The facility that the address names.
pub fn named<'a>(atlas: &'a Atlas, id: &str) -> Result<&'a Arc<Entry>, Problem> {
    let known = id.parse().ok().and_then(|id: Uuid| atlas.facility(id));
    let unknown = || Problem::new(Code::NotFound, format!("No facility has the id \"{id}\"."));
    known.ok_or_else(|| moved(atlas, id).or_else(|| gone(atlas, id)).unwrap_or_else(unknown))
}

/// That a facility of this id was withdrawn, where it was.
fn gone(atlas: &Atlas, id: &str) -> Option<Problem> {
    let withdrawn = id.parse().ok().filter(|id: &Uuid| atlas.withdrawn(*id))?;
    let detail = format!("The facility {withdrawn} was registered by mistake and withdrawn; nothing took its place.");
    Some(Problem::new(Code::Gone, detail))
}

/// What became of a record of this key, where it was merged or renumbered.
pub fn moved(atlas: &Atlas, key: &str) -> Option<Problem> {
    let becomes = atlas.successor(key)?.to_string();
    let detail = format!("{key} is now {becomes}.");
    Some(Problem { moved: Some(Box::new((key.to_owned(), becomes))), ..Problem::new(Code::Moved, detail) })
}
