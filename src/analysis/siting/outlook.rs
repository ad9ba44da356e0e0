//! Outlook: what a map of the plan shows. People within the distance and beyond it, and what stands, each gathered where
//! there are too many to draw.

use std::collections::BTreeMap;

use super::gather::{Ground, Spot};
use super::question::{Refusal, SitingQuestion};

/// So many circles of people, and so many facilities, are drawn at most.
const MARKS: usize = 240;
/// So many cells the ground is wide where marks are first gathered; each further try has a quarter fewer.
const CELLS: f64 = 40.0;

/// What can be drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outlook {
    /// Those within the distance of what stands (where that is kept) or of a new site, and those beyond it.
    pub people: Vec<Crowd>,
    /// What stands in the frame of the people: longitude, latitude, and how many facilities.
    pub standing: Vec<(f64, f64, usize)>,
    /// Demand points and people: near what stands already, near only a new site, and beyond.
    pub near_standing: (usize, u64),
    pub near_new: (usize, u64),
    pub beyond: (usize, u64),
    /// Whether a circle may stand for several demand points.
    pub gathered: bool,
}

/// Demand points at about one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crowd {
    /// The middle of the people.
    pub lon: f64,
    pub lat: f64,
    pub points: usize,
    pub people: u64,
    pub covered: bool,
}

impl Outlook {
    /// The outlook of a plan with these sites (longitude, latitude).
    pub fn of(ground: &Ground, question: &SitingQuestion, sites: &[(f64, f64)]) -> Result<Outlook, Refusal> {
        let Some(within_m) = question.within_m else { return Ok(Outlook::default()) };
        let spots: Vec<Spot> = sites.iter().map(|lon_lat| Spot::new(*lon_lat)).collect();
        let mut new = vec![false; ground.people.len()];
        for at in ground.reach(&spots, within_m)?.iter().flatten() {
            new[*at as usize] = true;
        }
        let mut outlook = Outlook::default();
        let mut crowds = Vec::new();
        let mut frame = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for (at, people) in ground.people.iter().enumerate() {
            let Some((lon, lat)) = ground.demand[at].lon_lat else { continue };
            frame = [frame[0].min(lon), frame[1].min(lat), frame[2].max(lon), frame[3].max(lat)];
            let stands = question.keep_existing && ground.already[at] <= within_m;
            let sum = match (stands, new[at]) {
                (true, _) => &mut outlook.near_standing,
                (_, true) => &mut outlook.near_new,
                _ => &mut outlook.beyond,
            };
            *sum = (sum.0 + 1, sum.1 + people);
            if *people > 0 {
                crowds.push(Crowd { lon, lat, points: 1, people: *people, covered: stands || new[at] });
            }
        }
        let inside = |(lon, lat): &(f64, f64)| {
            (frame[0]..=frame[2]).contains(lon) && (frame[1]..=frame[3]).contains(lat) && question.keep_existing
        };
        let held = ground.standing.iter().map(|held| held.spot.lon_lat).filter(inside);
        let held = held.map(|(lon, lat)| Crowd { lon, lat, points: 1, people: 1, covered: true });
        let standing = gathered(held.collect(), frame);
        outlook.standing = standing.into_iter().map(|held| (held.lon, held.lat, held.points)).collect();
        let all = crowds.len();
        outlook.people = gathered(crowds, frame);
        outlook.gathered = outlook.people.len() < all;
        Ok(outlook)
    }
}

/// The same people in few enough circles: those in one cell of a net over the frame are one, those covered apart.
fn gathered(crowds: Vec<Crowd>, frame: [f64; 4]) -> Vec<Crowd> {
    let mut cells = CELLS;
    let mut shown = crowds.clone();
    while shown.len() > MARKS && cells >= 1.0 {
        let side = ((frame[2] - frame[0]).max(frame[3] - frame[1]) / cells).max(1e-9);
        let mut by_cell: BTreeMap<(i64, i64, bool), Crowd> = BTreeMap::new();
        for crowd in &crowds {
            let cell = |to: f64, from: f64| ((to - from) / side).floor() as i64;
            let key = (cell(crowd.lat, frame[1]), cell(crowd.lon, frame[0]), crowd.covered);
            by_cell.entry(key).and_modify(|held| *held = held.with(crowd)).or_insert(*crowd);
        }
        shown = by_cell.into_values().collect();
        cells = (cells * 0.75).floor();
    }
    shown
}

impl Crowd {
    fn with(self, other: &Crowd) -> Crowd {
        let people = self.people + other.people;
        let share = other.people as f64 / people.max(1) as f64;
        Crowd {
            lon: self.lon + (other.lon - self.lon) * share,
            lat: self.lat + (other.lat - self.lat) * share,
            points: self.points + other.points,
            people,
            covered: self.covered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gathering_loses_nobody_and_leaves_few_enough() {
        let point = |at: u32| {
            let (lon, lat) = (f64::from(at % 100) / 50.0, f64::from(at / 100) / 50.0);
            Crowd { lon, lat, points: 1, people: u64::from(at % 7), covered: at.is_multiple_of(3) }
        };
        let all: Vec<Crowd> = (0..10_000).map(point).collect();
        let few = gathered(all.clone(), [0.0, 0.0, 2.0, 2.0]);
        assert!(few.len() <= MARKS && few.len() > MARKS / 4, "{}", few.len());
        let sums = |crowds: &[Crowd], covered| {
            let of = crowds.iter().filter(|crowd| crowd.covered == covered);
            of.fold((0, 0), |(points, people), crowd| (points + crowd.points, people + crowd.people))
        };
        assert_eq!([true, false].map(|covered| sums(&few, covered)), [true, false].map(|covered| sums(&all, covered)));
        assert_eq!(gathered(all[..9].to_vec(), [0.0, 0.0, 2.0, 2.0]), all[..9]);
    }
}
