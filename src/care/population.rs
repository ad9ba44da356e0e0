//! Demand points: how many people live at a point.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use super::{Place, Text, Vocabulary};

/// Whose number counts: everybody, the older, or a group of the bureau's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Weight {
    Total,
    #[default]
    Aged60,
    Aged80,
    /// By the code of a [`super::PeopleGroup`].
    Group(Text),
}

impl Weight {
    /// Those that every demand point may tell.
    pub const AGES: [Weight; 3] = [Weight::Total, Weight::Aged60, Weight::Aged80];

    pub fn code(&self) -> &str {
        match self {
            Weight::Total => "total",
            Weight::Aged60 => "aged_60",
            Weight::Aged80 => "aged_80",
            Weight::Group(code) => code,
        }
    }

    /// The weight of this code, as far as the vocabulary knows it.
    pub fn read(code: &str, vocabulary: &Vocabulary) -> Option<Weight> {
        let age = Weight::AGES.into_iter().find(|weight| weight.code() == code);
        age.or_else(|| vocabulary.group(code).map(|group| Weight::Group(group.code.clone())))
    }

    /// All there are, as they are offered: the older first, then everybody, then the groups.
    pub fn offered(vocabulary: &Vocabulary) -> Vec<Weight> {
        let groups = vocabulary.groups.iter().map(|group| Weight::Group(group.code.clone()));
        [Weight::Aged60, Weight::Aged80, Weight::Total].into_iter().chain(groups).collect()
    }

    /// The codes of all there are.
    pub fn codes(vocabulary: &Vocabulary) -> Vec<&str> {
        let groups = vocabulary.groups.iter().map(|group| &*group.code);
        ["total", "aged_60", "aged_80"].into_iter().chain(groups).collect()
    }
}

impl Serialize for Weight {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

/// Counts of a bureau's own groups, by the group's code.
pub type Groups = BTreeMap<Text, u32>;

/// People at a point, as of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemandPoint {
    pub id: Uuid,
    /// Code of the region; `None` when no known region contains the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    /// Its own point; `None` where it stands at its region's point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aged_60: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aged_80: Option<u32>,
    /// What is known of the bureau's own groups; most points tell none, and pay a pointer for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Box<Groups>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}

impl DemandPoint {
    /// `None`: not known, which is not nobody.
    pub fn people(&self, weight: &Weight) -> Option<u32> {
        match weight {
            Weight::Total => self.total,
            Weight::Aged60 => self.aged_60,
            Weight::Aged80 => self.aged_80,
            Weight::Group(code) => self.groups.as_deref()?.get(code).copied(),
        }
    }

    /// See [`part_above_whole`].
    pub fn part_above_whole(&self) -> Option<(u32, &str, u32, &'static str)> {
        part_above_whole([self.total, self.aged_60, self.aged_80], self.groups.as_deref().into_iter().flatten())
    }
}

/// The first part that is more than its whole: the part, its column, the whole and what the whole is. The counts are all,
/// those aged 60 and over, and those aged 80 and over.
pub fn part_above_whole<'g>(
    [total, aged_60, aged_80]: [Option<u32>; 3],
    groups: impl IntoIterator<Item = (&'g Text, &'g u32)>,
) -> Option<(u32, &'g str, u32, &'static str)> {
    let ages = [
        (aged_60, "aged_60", total, "total"),
        (aged_80, "aged_80", aged_60, "aged_60"),
        (aged_80, "aged_80", total, "total"),
    ];
    let groups = groups.into_iter().map(|(code, people)| (Some(*people), &**code, total, "total"));
    ages.into_iter().chain(groups).find_map(|(part, column, whole, of)| {
        let (part, whole) = (part?, whole?);
        (part > whole).then_some((part, column, whole, of))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_point_without_groups_weighs_a_pointer_more_and_no_more() {
        let before = size_of::<DemandPoint>() - size_of::<usize>();
        assert_eq!(size_of::<Option<Box<Groups>>>(), size_of::<usize>());
        assert!(before <= 160, "{before}");
    }
}
