//! A plan: what a file would change, before anything is written.

use crate::registry::Edit;

/// The edits of a file, and how many rows ask for none.
#[derive(Debug, Clone)]
pub struct Plan<T> {
    /// In the order in which they are to be written.
    pub edits: Vec<Edit<T>>,
    /// Rows that the record already says.
    pub unchanged: u64,
    /// Further rows about records that are counted already.
    pub together: u64,
}

impl<T> Plan<T> {
    pub fn new() -> Plan<T> {
        Plan { edits: Vec::new(), unchanged: 0, together: 0 }
    }

    pub fn inserted(&self) -> u64 {
        self.edits.iter().filter(|edit| edit.before.is_none()).count() as u64
    }

    pub fn updated(&self) -> u64 {
        self.edits.len() as u64 - self.inserted()
    }
}

impl<T: PartialEq> Plan<T> {
    /// Plans to write `after` unless it is what is held.
    pub fn put(&mut self, before: Option<T>, after: T) {
        if before.as_ref() == Some(&after) {
            self.unchanged += 1;
        } else {
            self.edits.push(Edit { before, after });
        }
    }
}

impl<T> Default for Plan<T> {
    fn default() -> Plan<T> {
        Plan::new()
    }
}
