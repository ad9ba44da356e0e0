//! The vocabulary: kinds of facility, measures of capacity and schemes of rating, as rows that a bureau can add to.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Scheme, Text};

/// The categories of kinds, with the mark that tells them apart on a map without colour.
pub const CATEGORIES: [(&str, &str, &str, &str); 6] = [
    ("residential", "机构养老", "Residential care", "养"),
    ("community", "社区养老", "Community care", "社"),
    ("meals", "助餐", "Meals", "餐"),
    ("relief", "救助慈善", "Relief and charity", "助"),
    ("funeral", "殡葬", "Funeral", "墓"),
    ("other", "其他", "Other", "其"),
];

/// One kind of facility.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kind {
    pub code: Text,
    pub category: Text,
    pub name_zh: Text,
    pub name_en: Text,
    /// Codes of the measures that such a facility has; the first is the one "free" speaks of when none is named.
    pub measures: Vec<Text>,
    /// Order in lists.
    pub rank: i32,
}

/// One measure of capacity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    pub code: Text,
    pub name_zh: Text,
    pub name_en: Text,
    /// The Chinese measure word: 张, 个, 份, 座, 穴.
    pub unit_zh: Text,
    pub rank: i32,
}

/// One word of a short list: a type of licence, a type of inspection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    pub code: Text,
    pub name_zh: Text,
    pub name_en: Text,
    /// Order in lists.
    pub rank: i32,
}

impl Term {
    /// A term whose names are its code.
    pub fn of(code: &str, rank: i32) -> Term {
        Term { code: code.into(), name_zh: code.into(), name_en: code.into(), rank }
    }
}

/// A group of people that a bureau counts for itself, such as elders living alone: part of all people, whatever their age.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeopleGroup {
    pub code: Text,
    pub name_zh: Text,
    pub name_en: Text,
    /// Where the group is defined; `None` where nobody has said.
    pub source: Option<Text>,
    /// Order in lists.
    pub rank: i32,
}

/// All kinds, measures, schemes, types and groups of people, looked up by code.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    pub kinds: Vec<Kind>,
    pub measures: Vec<Measure>,
    pub schemes: Vec<Scheme>,
    pub licence_types: Vec<Term>,
    pub inspection_types: Vec<Term>,
    pub groups: Vec<PeopleGroup>,
    kind_at: HashMap<Text, usize>,
}

impl Vocabulary {
    pub fn new(mut kinds: Vec<Kind>, mut measures: Vec<Measure>, mut schemes: Vec<Scheme>) -> Vocabulary {
        kinds.sort_by_key(|kind| kind.rank);
        measures.sort_by_key(|measure| measure.rank);
        schemes.sort_by_key(|scheme| scheme.rank);
        let kind_at = kinds.iter().enumerate().map(|(at, kind)| (kind.code.clone(), at)).collect();
        Vocabulary { kinds, measures, schemes, kind_at, ..Vocabulary::default() }
    }

    /// The same with these types of licence and of inspection.
    pub fn with_types(mut self, licence_types: Vec<Term>, inspection_types: Vec<Term>) -> Vocabulary {
        (self.licence_types, self.inspection_types) = (licence_types, inspection_types);
        self.licence_types.sort_by_key(|term| term.rank);
        self.inspection_types.sort_by_key(|term| term.rank);
        self
    }

    /// The same with these groups of people.
    pub fn with_groups(mut self, groups: Vec<PeopleGroup>) -> Vocabulary {
        self.groups = groups;
        self.groups.sort_by_key(|group| group.rank);
        self
    }

    pub fn group(&self, code: &str) -> Option<&PeopleGroup> {
        self.groups.iter().find(|group| &*group.code == code)
    }

    pub fn licence_type(&self, code: &str) -> Option<&Term> {
        self.licence_types.iter().find(|term| &*term.code == code)
    }

    pub fn inspection_type(&self, code: &str) -> Option<&Term> {
        self.inspection_types.iter().find(|term| &*term.code == code)
    }

    pub fn kind(&self, code: &str) -> Option<&Kind> {
        self.kind_index(code).map(|at| &self.kinds[at])
    }

    /// The kind's place in `kinds`: a small number for indexes.
    pub fn kind_index(&self, code: &str) -> Option<usize> {
        self.kind_at.get(code).copied()
    }

    pub fn measure(&self, code: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| &*measure.code == code)
    }

    pub fn scheme(&self, code: &str) -> Option<&Scheme> {
        self.schemes.iter().find(|scheme| &*scheme.code == code)
    }

    /// The measure that "free" speaks of for this kind when a question names none.
    pub fn first_measure(&self, kind: &str) -> Option<&str> {
        self.kind(kind)?.measures.first().map(|measure| &**measure)
    }
}

/// The word of a list nearest to what was written (the first of equals), when it is near enough to be what was meant.
pub fn nearest_word<'a>(written: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    words
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&written.to_lowercase(), &word.to_lowercase()), word))
        .filter(|(likeness, _)| *likeness > 0.55)
        .min_by(|a, b| b.0.total_cmp(&a.0))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest_word;

    #[test]
    fn a_slip_of_the_pen_is_understood_and_nonsense_is_not() {
        let words = ["code", "name", "kind", "lon", "lat", "limit"];
        for (written, meant) in [("lng", "lon"), ("nmae", "name"), ("Limit", "limit"), ("kinds", "kind")] {
            assert_eq!(nearest_word(written, words), Some(meant), "{written}");
        }
        assert_eq!(nearest_word("xyz", words), None);
    }
}
