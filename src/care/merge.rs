//! How a record takes over what a draft provides: one merge, whoever the writer is.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::dossier::{Meal, Staff};
use super::draft::{CapacityDraft, DemandDraft, FacilityDraft, RegionDraft, StaffDraft};
use super::{Capacity, DemandPoint, Facility, Place, Rating, Region, Status, Text, facility};

impl FacilityDraft {
    /// A new facility, as this draft tells it.
    pub fn create(self, now: DateTime<Utc>) -> Facility {
        let mut facility = Facility {
            id: Uuid::now_v7(),
            version: 0,
            code: None,
            name: self.name.clone(),
            kind: self.kind.clone(),
            status: Status::default(),
            region: None,
            address: None,
            place: None,
            phone: None,
            hours: None,
            ratings: Vec::new(),
            capacity: Vec::new(),
            licences: Vec::new(),
            menu: Vec::new(),
            staff: None,
            price: None,
            ownership: None,
            operator: None,
            uscc: None,
            services: Vec::new(),
            opened_on: None,
            built_on: None,
            closed_on: None,
            tags: Vec::new(),
            note: None,
            source: None,
            demo: false,
            updated_at: now,
        };
        facility.take(self, now);
        facility
    }
}

impl Facility {
    /// Takes over what a draft provides. Answers whether anything changed; if so, version and time move on.
    pub fn take(&mut self, draft: FacilityDraft, now: DateTime<Utc>) -> bool {
        let before = self.clone();
        provide(&mut self.code, draft.code);
        self.name = draft.name;
        self.kind = draft.kind;
        self.status = draft.status.unwrap_or(self.status);
        provide(&mut self.region, draft.region);
        provide(&mut self.address, draft.address);
        take_place(&mut self.place, draft.place);
        provide(&mut self.phone, draft.phone);
        provide(&mut self.hours, draft.hours);
        for rating in draft.ratings {
            self.take_rating(rating);
        }
        let source = draft.source.clone().or_else(|| self.source.clone());
        for capacity in draft.capacity {
            self.take_capacity(capacity, source.clone(), now);
        }
        self.licences = draft.licences.unwrap_or_else(|| std::mem::take(&mut self.licences));
        // An answer leaves out what was eaten before today: then the record has the same and more.
        let begun = |meal: &Meal| meal.day <= now.date_naive();
        let same = |menu: &Vec<Meal>| self.menu.strip_suffix(&menu[..]).is_some_and(|past| past.iter().all(begun));
        self.menu = draft.menu.filter(|menu| !same(menu)).unwrap_or_else(|| std::mem::take(&mut self.menu));
        self.take_staff(draft.staff, now);
        // A unit alone is no price.
        if draft.price_min.is_some() || draft.price_max.is_some() || self.price.is_some() {
            let price = self.price.get_or_insert_with(|| {
                Box::new(facility::Price { min: None, max: None, unit: facility::DEFAULT_PRICE_UNIT.into() })
            });
            provide(&mut price.min, draft.price_min);
            provide(&mut price.max, draft.price_max);
            price.unit = draft.price_unit.unwrap_or_else(|| price.unit.clone());
        }
        provide(&mut self.ownership, draft.ownership);
        provide(&mut self.operator, draft.operator);
        provide(&mut self.uscc, draft.uscc);
        self.services = draft.services.unwrap_or_else(|| std::mem::take(&mut self.services));
        provide(&mut self.opened_on, draft.opened_on);
        provide(&mut self.built_on, draft.built_on);
        provide(&mut self.closed_on, draft.closed_on);
        self.tags = draft.tags.unwrap_or_else(|| std::mem::take(&mut self.tags));
        provide(&mut self.note, draft.note);
        provide(&mut self.source, draft.source);
        self.demo = draft.demo.unwrap_or(self.demo);
        self.written(&before, now)
    }

    /// Takes over the figures of one measure, dated. The same figures without a date of their own change nothing, and
    /// figures older than those held do not take their place: last month's file does not undo today's word. Figures that are
    /// dated ahead of the clock count as of now, so that they can be put right.
    pub fn take_capacity(&mut self, draft: CapacityDraft, source: Option<Text>, now: DateTime<Utc>) {
        let at = self.capacity.iter().position(|held| held.measure == draft.measure);
        let held = at.map(|at| &self.capacity[at]);
        let told = Capacity {
            total: draft.total.over(held.and_then(|held| held.total)),
            nursing: draft.nursing.over(held.and_then(|held| held.nursing)),
            occupied: draft.occupied.over(held.and_then(|held| held.occupied)),
            as_of: draft.as_of.unwrap_or(now),
            undated: draft.undated && draft.as_of.is_none(),
            measure: draft.measure,
            source,
        };
        match at {
            _ if told.total.or(told.nursing).or(told.occupied).is_none() => {
                self.capacity.retain(|held| held.measure != told.measure);
            }
            None => {
                self.capacity.push(told);
                self.capacity.sort_by(|a, b| a.measure.cmp(&b.measure));
            }
            Some(at) => {
                let held = &mut self.capacity[at];
                let dated_anew = draft.as_of.is_some_and(|as_of| as_of != held.as_of || held.undated);
                // Whatever is dated is newer than what nobody has dated.
                let older = !held.undated && draft.as_of.is_some_and(|as_of| as_of < held.as_of.min(now));
                if !older && (dated_anew || !held.same_figures(&told)) {
                    *held = told;
                }
            }
        }
    }

    /// Takes over staff figures, dated; what holds for capacity holds for them.
    fn take_staff(&mut self, draft: StaffDraft, now: DateTime<Utc>) {
        if draft.caregivers.or(draft.certified).is_none() {
            return;
        }
        let held = self.staff.as_deref();
        let told = Staff {
            caregivers: draft.caregivers.or(held.and_then(|held| held.caregivers)),
            certified: draft.certified.or(held.and_then(|held| held.certified)),
            as_of: draft.as_of.unwrap_or(now.date_naive()),
        };
        let keeps = held.is_some_and(|held| match draft.as_of {
            Some(as_of) => as_of < held.as_of.min(now.date_naive()),
            None => (held.caregivers, held.certified) == (told.caregivers, told.certified),
        });
        if !keeps {
            self.staff = Some(Box::new(told));
        }
    }

    /// One rating a scheme. Another level is another rating; the same level, or none, is the same one.
    fn take_rating(&mut self, told: Rating) {
        match self.ratings.iter_mut().find(|held| held.scheme == told.scheme) {
            Some(held) if told.level.is_none() || held.level.is_none() || told.level == held.level => {
                provide(&mut held.level, told.level);
                provide(&mut held.issuer, told.issuer);
                provide(&mut held.rated_on, told.rated_on);
                provide(&mut held.valid_until, told.valid_until);
            }
            Some(held) => *held = told,
            None => {
                self.ratings.push(told);
                self.ratings.sort_by(|a, b| a.scheme.cmp(&b.scheme));
            }
        }
    }

    /// Moves version and time on if the record differs from what it was.
    pub fn written(&mut self, before: &Facility, now: DateTime<Utc>) -> bool {
        let changed = self != before || self.version == 0;
        if changed {
            self.version += 1;
            self.updated_at = now;
        }
        changed
    }
}

impl Region {
    /// A new region, as this draft tells it.
    pub fn of(draft: RegionDraft) -> Region {
        let mut region = Region {
            code: draft.code.clone(),
            name: draft.name.clone(),
            level: draft.level,
            parent: None,
            place: None,
            border: None,
            counts_in_coverage: true,
            class: None,
            source: None,
            demo: false,
        };
        region.take(draft);
        region
    }

    /// Takes over what a draft provides.
    pub fn take(&mut self, draft: RegionDraft) {
        self.name = draft.name;
        self.level = draft.level;
        provide(&mut self.parent, draft.parent);
        take_place(&mut self.place, draft.place);
        provide(&mut self.border, draft.border);
        provide(&mut self.class, draft.class);
        self.counts_in_coverage = draft.counts_in_coverage.unwrap_or(self.counts_in_coverage);
        provide(&mut self.source, draft.source);
        self.demo = draft.demo.unwrap_or(self.demo);
    }
}

impl DemandPoint {
    /// A new demand point, as this draft tells it.
    pub fn of(draft: DemandDraft) -> DemandPoint {
        let mut point = DemandPoint {
            id: Uuid::now_v7(),
            region: None,
            place: None,
            total: None,
            aged_60: None,
            aged_80: None,
            groups: None,
            as_of: None,
            source: None,
            demo: false,
        };
        point.take(draft);
        point
    }

    /// Takes over what a draft provides.
    pub fn take(&mut self, draft: DemandDraft) {
        provide(&mut self.region, draft.region);
        take_place(&mut self.place, draft.place);
        provide(&mut self.total, draft.total);
        provide(&mut self.aged_60, draft.aged_60);
        provide(&mut self.aged_80, draft.aged_80);
        if !draft.groups.is_empty() {
            self.groups.get_or_insert_default().extend(draft.groups);
        }
        provide(&mut self.as_of, draft.as_of);
        provide(&mut self.source, draft.source);
        self.demo = draft.demo.unwrap_or(self.demo);
    }
}

/// Closer than this, two points are one: a tenth of a millimetre.
const SAME_DEGREES: f64 = 1e-9;

/// Takes over a point. A pair that came out of the record goes back in as it was, with its raw pair.
fn take_place(held: &mut Option<Place>, told: Option<Place>) {
    let Some(told) = told else { return };
    let same = held.as_ref().is_some_and(|held| {
        let near = (held.lon - told.lon).abs() < SAME_DEGREES && (held.lat - told.lat).abs() < SAME_DEGREES;
        near && held.confirmed == told.confirmed && told.raw.is_none()
    });
    if !same {
        *held = Some(told);
    }
}

fn provide<T>(field: &mut Option<T>, told: Option<T>) {
    if told.is_some() {
        *field = told;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::draft::Figure;

    fn draft() -> FacilityDraft {
        FacilityDraft {
            code: Some("A-1".into()),
            name: "示例食堂".into(),
            kind: "canteen".into(),
            phone: Some("0527-5555-0101".into()),
            capacity: vec![CapacityDraft { measure: "seats".into(), total: Figure::Told(40), ..Default::default() }],
            ..Default::default()
        }
    }

    #[test]
    fn the_same_row_twice_changes_nothing() {
        let first = DateTime::UNIX_EPOCH;
        let mut facility = draft().create(first);
        assert_eq!(facility.version, 1);
        let later = first + chrono::Duration::days(1);
        assert!(!facility.take(draft(), later));
        assert_eq!((facility.version, facility.updated_at, facility.capacity[0].as_of), (1, first, first));
    }

    #[test]
    fn a_point_out_of_the_record_goes_back_in_with_its_raw_pair() {
        let place = Place::from_datum(crate::care::Datum::Gcj02, 118.27, 33.96);
        let mut held = Some(place.clone());
        take_place(&mut held, Some(Place::wgs84(place.lon, place.lat)));
        assert_eq!(held, Some(place));
        take_place(&mut held, Some(Place::wgs84(118.0, 33.0)));
        assert_eq!(held, Some(Place::wgs84(118.0, 33.0)));
    }

    #[test]
    fn older_figures_do_not_take_the_place_of_newer_ones() {
        let told = |occupied, days| CapacityDraft {
            measure: "seats".into(),
            occupied: Figure::Told(occupied),
            as_of: Some(DateTime::UNIX_EPOCH + chrono::Duration::days(days)),
            ..Default::default()
        };
        let mut facility = draft().create(DateTime::UNIX_EPOCH);
        facility.take_capacity(told(30, 20), None, Utc::now());
        facility.take_capacity(told(10, 10), None, Utc::now());
        assert_eq!((facility.capacity[0].occupied, facility.capacity[0].total), (Some(30), Some(40)));
        facility.take_capacity(told(35, 20), None, Utc::now());
        assert_eq!(facility.capacity[0].occupied, Some(35));
    }

    #[test]
    fn the_same_level_keeps_its_dates_and_another_level_is_another_rating() {
        let rating = |level, rated_on: Option<&str>| Rating {
            scheme: "gb37276".into(),
            level: Some(level),
            issuer: None,
            rated_on: rated_on.map(|day| day.parse().expect("a date")),
            valid_until: None,
        };
        let mut facility = draft().create(DateTime::UNIX_EPOCH);
        facility.take_rating(rating(3, Some("2024-01-01")));
        facility.take_rating(rating(3, None));
        assert_eq!(facility.ratings, vec![rating(3, Some("2024-01-01"))]);
        facility.take_rating(rating(4, None));
        assert_eq!(facility.ratings, vec![rating(4, None)]);
    }

    #[test]
    fn what_a_row_does_not_provide_is_kept() {
        let mut facility = draft().create(DateTime::UNIX_EPOCH);
        let told = FacilityDraft { phone: None, name: "示例幸福食堂".into(), ..draft() };
        assert!(facility.take(told, Utc::now()));
        assert_eq!(facility.phone.as_deref(), Some("0527-5555-0101"));
        assert_eq!(facility.version, 2);
    }
}
