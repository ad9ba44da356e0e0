//! Capacity against need: 2SFCA and E2SFCA beside PySAL access.

use super::{Found, Result};
use crate::peer::Peer;

pub fn compare(_quick: bool) -> Result<Found> {
    let peer = Peer::ready("access", &["access==1.1.10.post3"]);
    let notes = peer.err().map(|why| format!("PySAL access cannot be had here and is not compared: {why}"));
    Ok(Found { rows: Vec::new(), notes: notes.into_iter().collect() })
}
