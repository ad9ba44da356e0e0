//! Figure changes: how a facility's beds, price and status moved, as the log tells it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Capacity, Price, Status};

/// One change of one facility that moved a figure which reports count.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureChange {
    pub facility: Uuid,
    /// When it was written; capacity has its own date.
    pub at: DateTime<Utc>,
    pub capacity: (Vec<Capacity>, Vec<Capacity>),
    pub price: (Option<Price>, Option<Price>),
    pub status: (Status, Status),
}
