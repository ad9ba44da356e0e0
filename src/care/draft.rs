//! Drafts: what a file says of a record, and no more. What a draft does not provide, the record keeps.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Groups, Level, Licence, Meal, Place, Rating, Status, Text, UrbanRural};

/// One row about a facility. `None` means "not provided", never "none" and never zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FacilityDraft {
    /// The line of the file, for findings.
    pub row: u64,
    pub code: Option<Text>,
    pub name: Text,
    pub kind: Text,
    pub status: Option<Status>,
    pub region: Option<Text>,
    /// The region whose border contains the point, where the row names none.
    pub located_in: Option<Text>,
    pub address: Option<Text>,
    pub place: Option<Place>,
    pub phone: Option<Text>,
    pub hours: Option<Text>,
    /// At most one a scheme.
    pub ratings: Vec<Rating>,
    pub capacity: Vec<CapacityDraft>,
    /// All that stand; all meals.
    pub licences: Option<Vec<Licence>>,
    pub menu: Option<Vec<Meal>>,
    pub staff: StaffDraft,
    pub price_min: Option<f64>,
    pub price_max: Option<f64>,
    pub price_unit: Option<Text>,
    pub ownership: Option<Text>,
    pub operator: Option<Text>,
    pub uscc: Option<Text>,
    pub services: Option<Vec<Text>>,
    pub opened_on: Option<NaiveDate>,
    pub built_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
    pub tags: Option<Vec<Text>>,
    pub note: Option<Text>,
    pub source: Option<Text>,
    pub demo: Option<bool>,
}

/// What a row, or a manager, says of one measure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CapacityDraft {
    pub measure: Text,
    pub total: Figure,
    pub nursing: Figure,
    pub occupied: Figure,
    /// `None`: the figures are as of the time of writing, or `undated`.
    pub as_of: Option<DateTime<Utc>>,
    /// They come from a list that does not say of when they are.
    pub undated: bool,
}

/// What a row says of the staff.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StaffDraft {
    pub caregivers: Option<u32>,
    pub certified: Option<u32>,
    /// `None`: the figures are as of the time of writing.
    pub as_of: Option<NaiveDate>,
}

/// What is said of one figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Figure {
    /// Nothing: the record keeps what it has.
    #[default]
    Kept,
    /// That it is not known (any more).
    Unknown,
    Told(u32),
}

impl Figure {
    /// The number, where one is said.
    pub fn told(self) -> Option<u32> {
        self.over(None)
    }

    /// The number that holds once this is said of the one held.
    pub fn over(self, held: Option<u32>) -> Option<u32> {
        match self {
            Figure::Kept => held,
            Figure::Unknown => None,
            Figure::Told(figure) => Some(figure),
        }
    }
}

/// An empty cell says nothing.
impl From<Option<u32>> for Figure {
    fn from(cell: Option<u32>) -> Figure {
        cell.map_or(Figure::Kept, Figure::Told)
    }
}

/// A merge patch: absent says nothing, null says unknown.
impl From<Option<Option<u32>>> for Figure {
    fn from(member: Option<Option<u32>>) -> Figure {
        member.map_or(Figure::Kept, |value| value.map_or(Figure::Unknown, Figure::Told))
    }
}

/// One row about a region.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionDraft {
    pub row: u64,
    pub code: Text,
    pub name: Text,
    pub level: Level,
    pub parent: Option<Text>,
    pub place: Option<Place>,
    pub border: Option<Box<geojson::Geometry>>,
    pub counts_in_coverage: Option<bool>,
    pub class: Option<UrbanRural>,
    pub source: Option<Text>,
    pub demo: Option<bool>,
}

/// One row about the people at a point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DemandDraft {
    pub row: u64,
    pub region: Option<Text>,
    pub place: Option<Place>,
    pub total: Option<u32>,
    pub aged_60: Option<u32>,
    pub aged_80: Option<u32>,
    pub groups: Groups,
    pub as_of: Option<NaiveDate>,
    pub source: Option<Text>,
    pub demo: Option<bool>,
}

/// What a draft is matched by: the bureau's code, or name, kind and region where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FacilityKey {
    Code(Text),
    Name(Text, Text, Option<Text>),
}

impl FacilityDraft {
    pub fn key(&self) -> FacilityKey {
        match &self.code {
            Some(code) => FacilityKey::Code(code.clone()),
            None => FacilityKey::Name(self.name.clone(), self.kind.clone(), self.region.clone()),
        }
    }

    /// The keys that the record may know it by: also by the region that its point lies in, which an earlier import of the
    /// same row has given it.
    pub fn keys(&self) -> impl Iterator<Item = FacilityKey> {
        let located = self.located_in.clone().filter(|_| self.code.is_none() && self.region.is_none());
        let located = located.map(|region| FacilityKey::Name(self.name.clone(), self.kind.clone(), Some(region)));
        std::iter::once(self.key()).chain(located)
    }
}
