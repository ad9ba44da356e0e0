//! The whole record at one revision: what the registry loads and the atlas is drawn from.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{DemandPoint, Facility, LogPosition, Region, Text, Vocabulary};

#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Number of the last change that it knows; 0 before the first.
    pub revision: i64,
    /// Where the log stood.
    pub position: LogPosition,
    /// When it was read.
    pub read_at: DateTime<Utc>,
    pub vocabulary: Vocabulary,
    pub facilities: Vec<Facility>,
    pub regions: Vec<Region>,
    pub demand: Vec<DemandPoint>,
    /// Keys of records that were merged or renumbered, and the keys under which they live on.
    pub successors: Vec<(Text, Text)>,
    /// Facilities that were withdrawn: registered by mistake, and nothing took their place.
    pub withdrawn: Vec<Uuid>,
}
