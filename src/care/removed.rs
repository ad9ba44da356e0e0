//! Removed facilities: merged into another record or withdrawn as a mistake. The log keeps them, so that a list that still
//! names them does not bring them back.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::change::role_of;
use super::draft::FacilityKey;
use super::{Facility, Text};

/// A facility that left the record, as its last line in the log tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct RemovedFacility {
    pub id: Uuid,
    pub code: Option<Text>,
    pub name: Text,
    pub kind: Text,
    pub region: Option<Text>,
    /// The record that it was merged into; `None`: it was withdrawn.
    pub becomes: Option<Uuid>,
    pub reason: Option<Text>,
    pub at: DateTime<Utc>,
    pub actor: Text,
}

impl RemovedFacility {
    /// When, by which role and why, as a sentence without its subject.
    pub fn said(&self) -> String {
        let (day, role) = (self.at.date_naive(), role_of(&self.actor));
        let reason = self.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        match self.becomes {
            Some(_) => format!("was merged into another record on {day} by {role}{reason}"),
            None => format!("was withdrawn on {day} by {role}{reason}"),
        }
    }

    /// The same in Chinese.
    pub fn said_zh(&self) -> String {
        let (day, role) = (self.at.date_naive(), role_of(&self.actor));
        let role = match role {
            "bureau" => "主管部门",
            "admin" => "管理员",
            "operator" => "运行人员",
            other => other,
        };
        let reason = self.reason.as_ref().map_or_else(String::new, |reason| format!("：{reason}"));
        match self.becomes {
            Some(_) => format!("已于 {day} 由{role}并入另一条记录{reason}"),
            None => format!("已于 {day} 由{role}撤下{reason}"),
        }
    }
}

/// What became of a facility that a list still names.
#[derive(Debug, PartialEq)]
pub enum Fate<'a> {
    /// The record that it lives on in, and the line of its own end.
    Merged(Uuid, &'a RemovedFacility),
    Withdrawn(&'a RemovedFacility),
}

/// All removed facilities, by what lists name them by.
#[derive(Debug, Default)]
pub struct Removed {
    list: Vec<RemovedFacility>,
    by_id: HashMap<Uuid, usize>,
    by_code: HashMap<Text, usize>,
    by_name: HashMap<(Text, Text, Option<Text>), usize>,
}

impl Removed {
    /// `list` in the order of the log: of two of one name the later stands.
    pub fn of(list: Vec<RemovedFacility>) -> Removed {
        let mut removed = Removed::default();
        for (at, facility) in list.iter().enumerate() {
            removed.by_id.insert(facility.id, at);
            if let Some(code) = &facility.code {
                removed.by_code.insert(code.clone(), at);
            }
            let name = (facility.name.clone(), facility.kind.clone(), facility.region.clone());
            removed.by_name.insert(name, at);
        }
        removed.list = list;
        removed
    }

    pub fn find(&self, key: &FacilityKey) -> Option<Fate<'_>> {
        let at = match key {
            FacilityKey::Code(code) => self.by_code.get(code),
            FacilityKey::Name(name, kind, region) => self.by_name.get(&(name.clone(), kind.clone(), region.clone())),
        };
        let first = &self.list[*at?];
        let mut last = first;
        // The survivor may have been merged or withdrawn since; no chain is longer than the list.
        for _ in 0..=self.list.len() {
            match last.becomes {
                None => return Some(Fate::Withdrawn(last)),
                Some(next) => match self.by_id.get(&next) {
                    Some(at) => last = &self.list[*at],
                    None => return Some(Fate::Merged(next, first)),
                },
            }
        }
        None
    }
}

/// Whether a facility that is to be registered is the removed one: by code where both have one, or by name, kind and region.
pub fn same(removed: &RemovedFacility, facility: &Facility) -> bool {
    let coded = removed.code.is_some() && removed.code == facility.code;
    coded || (&removed.name, &removed.kind, &removed.region) == (&facility.name, &facility.kind, &facility.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(number: u128, code: &str, becomes: Option<u128>) -> RemovedFacility {
        RemovedFacility {
            id: Uuid::from_u128(number),
            code: Some(code.into()),
            name: format!("示例{code}").into(),
            kind: "nursing_home".into(),
            region: None,
            becomes: becomes.map(Uuid::from_u128),
            reason: becomes.is_none().then(|| "registered twice".into()),
            at: DateTime::UNIX_EPOCH,
            actor: "bureau:somebody".into(),
        }
    }

    #[test]
    fn a_removed_record_is_followed_to_the_one_that_stands_and_never_names_who_removed_it() {
        let list =
            vec![removed(1, "A", Some(2)), removed(2, "B", Some(9)), removed(3, "C", None), removed(4, "D", Some(3))];
        let all = Removed::of(list);
        let fate = |code: &str| all.find(&FacilityKey::Code(code.into()));
        assert!(matches!(fate("A"), Some(Fate::Merged(id, _)) if id == Uuid::from_u128(9)));
        assert!(matches!(fate("B"), Some(Fate::Merged(id, _)) if id == Uuid::from_u128(9)));
        let Some(Fate::Withdrawn(gone)) = fate("D") else { panic!("withdrawn with its survivor") };
        assert_eq!(gone.said(), "was withdrawn on 1970-01-01 by bureau: registered twice");
        assert_eq!(fate("E"), None);
        let named = FacilityKey::Name("示例C".into(), "nursing_home".into(), None);
        assert!(matches!(all.find(&named), Some(Fate::Withdrawn(_))));
    }
}
