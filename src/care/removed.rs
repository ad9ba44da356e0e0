//! Removed facilities: merged into another record or withdrawn as a mistake. The log keeps them, so that a list that still
//! names them does not bring them back.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Text;
use super::change::role_of;
use super::clean::{plain_code_of, plain_name};

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

/// What a list, or whoever registers, says of a facility.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    pub code: Option<&'a str>,
    pub name: &'a str,
    pub kind: &'a str,
    pub region: Option<&'a str>,
}

/// All removed facilities, by what lists name them by.
#[derive(Debug, Default)]
pub struct Removed {
    list: Vec<RemovedFacility>,
    by_id: HashMap<Uuid, usize>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<(String, Text), Vec<usize>>,
}

impl Removed {
    /// `list` in the order of the log: of two of one name the later stands.
    pub fn of(list: Vec<RemovedFacility>) -> Removed {
        let mut removed = Removed::default();
        for (at, facility) in list.iter().enumerate() {
            removed.by_id.insert(facility.id, at);
            if let Some(code) = &facility.code {
                removed.by_code.insert(plain_code_of(code), at);
            }
            removed.by_name.entry((plain_name(&facility.name), facility.kind.clone())).or_default().push(at);
        }
        removed.list = list;
        removed
    }

    /// By code, however it is written; or by name and kind, under whatever code, in the same region or where `above` says
    /// that one region lies in the other.
    pub fn find(&self, said: Said<'_>, above: &dyn Fn(&str, &str) -> bool) -> Option<Fate<'_>> {
        let coded = said.code.and_then(|code| self.by_code.get(&plain_code_of(code)));
        let first = &self.list[*coded.or_else(|| self.named(said, above))?];
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

    fn named(&self, said: Said<'_>, above: &dyn Fn(&str, &str) -> bool) -> Option<&usize> {
        // Most lists name nobody who has left: without any, no name need be folded.
        let named = (!self.list.is_empty()).then(|| self.by_name.get(&(plain_name(said.name), said.kind.into())));
        let named = named.flatten()?;
        let region = |at: &usize| self.list[*at].region.as_deref();
        let same = named.iter().rev().find(|at| region(at) == said.region);
        same.or_else(|| {
            let here = said.region?;
            named.iter().rev().find(|at| region(at).is_some_and(|there| above(there, here) || above(here, there)))
        })
    }
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
        let told = Said { code: None, name: "示例", kind: "nursing_home", region: None };
        let fate = |code: &str| all.find(Said { code: Some(code), ..told }, &|_, _| false);
        assert!(matches!(fate("A"), Some(Fate::Merged(id, _)) if id == Uuid::from_u128(9)));
        assert!(matches!(fate("B"), Some(Fate::Merged(id, _)) if id == Uuid::from_u128(9)));
        let Some(Fate::Withdrawn(gone)) = fate("D") else { panic!("withdrawn with its survivor") };
        assert_eq!(gone.said(), "was withdrawn on 1970-01-01 by bureau: registered twice");
        assert_eq!(fate("E"), None);
        let named = Said { name: "示例C", ..told };
        assert!(matches!(all.find(named, &|_, _| false), Some(Fate::Withdrawn(_))));
    }

    #[test]
    fn a_removed_record_is_found_however_its_code_or_name_is_written_and_in_regions_on_one_path() {
        let gone = |code: &str, region: &str| RemovedFacility { region: Some(region.into()), ..removed(3, code, None) };
        let all = Removed::of(vec![gone("B1-C", "321302")]);
        // Codes of this kind begin with those of what lies above.
        let above = |above: &str, below: &str| below.starts_with(above);
        let finds = |code: Option<&str>, name: &str, region: Option<&str>| {
            all.find(Said { code, name, kind: "nursing_home", region }, &above).is_some()
        };
        for code in ["B1-C", "b1-c", "B1–C", "B1—C", "Ｂ１－Ｃ", "B1‑c", "B1−C"] {
            assert!(finds(Some(code), "另一个名字", Some("99")), "{code}");
        }
        for name in ["示例B1-C", "示例 B1-C", "示例　B1-C", "示例Ｂ1-c"] {
            for region in ["321302", "321302008", "3213"] {
                assert!(finds(Some("NEW-9"), name, Some(region)) && finds(None, name, Some(region)), "{name} {region}");
            }
            assert!(!finds(None, name, Some("321303")) && !finds(None, name, None), "{name}");
        }
        let other = Said { code: None, name: "示例B1-C", kind: "canteen", region: Some("321302") };
        assert_eq!(all.find(other, &above), None);
    }
}
