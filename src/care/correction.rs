//! Corrections: what a visitor says is wrong with a facility's page, until the bureau has seen to it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Text;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// It is closed, or is not there.
    Closed,
    Phone,
    Address,
    Hours,
    Price,
    Capacity,
    /// Something else, which is then said.
    Other,
}

impl Subject {
    pub const ALL: [Subject; 7] = [
        Subject::Closed,
        Subject::Phone,
        Subject::Address,
        Subject::Hours,
        Subject::Price,
        Subject::Capacity,
        Subject::Other,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Subject::Closed => "closed",
            Subject::Phone => "phone",
            Subject::Address => "address",
            Subject::Hours => "hours",
            Subject::Price => "price",
            Subject::Capacity => "capacity",
            Subject::Other => "other",
        }
    }

    pub fn from_code(code: &str) -> Option<Subject> {
        Subject::ALL.into_iter().find(|subject| subject.code() == code)
    }
}

/// Characters of what is said, and of a phone number, at most; the table of limits has them too.
pub const LONGEST_SAID: usize = 1000;
pub const LONGEST_PHONE: usize = 40;

/// One correction that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub id: Uuid,
    pub facility: Uuid,
    pub subject: Subject,
    pub said: Option<Text>,
    /// Where the visitor can be called back; forgotten once it is done.
    pub phone: Option<Text>,
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::limits;

    #[test]
    fn the_limits_of_a_correction_are_those_of_the_table() {
        assert_eq!(limits::of("correction/said").characters, LONGEST_SAID);
        assert_eq!(limits::of("correction/phone").characters, LONGEST_PHONE);
    }

    #[test]
    fn every_subject_is_known_by_its_code() {
        for subject in Subject::ALL {
            assert_eq!(Subject::from_code(subject.code()), Some(subject));
        }
        assert_eq!(Subject::from_code("weather"), None);
    }
}
