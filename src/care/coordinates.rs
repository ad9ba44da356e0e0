//! Coordinates that cannot be right: far from where the record says that the place lies, and the mistake that explains it.

use super::border::Borders;
use super::place::metres;
use super::{Border, Level, Place, Region, Text};

/// A longitude and a latitude that cannot be right.
#[derive(Debug, Clone, PartialEq)]
pub struct Misplaced {
    pub lon: f64,
    pub lat: f64,
    /// Code and name of the region that it is far from; `None`: from every border of the record.
    pub region: Option<(Text, Text)>,
    /// `None`: there is nothing to measure from.
    pub metres: Option<f64>,
    pub guess: Option<(Mistake, f64, f64)>,
}

/// How such a pair comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    Swapped,
    /// One number stands in both places; what the other was nobody can say.
    SameNumber,
    /// 0 stands where a number is not known.
    Zero,
    LostSign,
    SlippedDecimal,
    SwappedAndLostSign,
}

/// Where a place should be near to.
enum Anchor<'a> {
    Border(&'a Border),
    Point(&'a Place),
}

impl Anchor<'_> {
    fn metres(&self, lon: f64, lat: f64) -> f64 {
        match self {
            Anchor::Border(border) => border.metres_from_box(lon, lat),
            Anchor::Point(place) => metres((lon, lat), (place.lon, place.lat)),
        }
    }

    /// How far off the anchor of a region of this level a place of that region may be. Borders of lists may be those of a
    /// part only, and the largest county of China is about 700 km long.
    fn reach(&self, level: Level) -> f64 {
        let km = match (self, level) {
            (Anchor::Border(_), Level::Province) => 500.0,
            (Anchor::Border(_), Level::City) => 300.0,
            (Anchor::Border(_), Level::County) => 200.0,
            (Anchor::Border(_), _) => 150.0,
            (Anchor::Point(_), Level::Province) => 2000.0,
            (Anchor::Point(_), Level::City) => 800.0,
            (Anchor::Point(_), Level::County) => 500.0,
            (Anchor::Point(_), _) => 200.0,
        };
        km * 1000.0
    }
}

/// What is wrong with a pair that is told of a region: checked against the nearest region above (itself included) that has a
/// border or a point. A pair that is told of no region is checked against all borders, and only a pair that a known mistake
/// would bring into one is wrong.
pub fn misplaced<'r>(
    region: impl Fn(&str) -> Option<&'r Region>,
    borders: &Borders,
    code: Option<&str>,
    (lon, lat): (f64, f64),
) -> Option<Misplaced> {
    if let Some((held, anchor)) = anchor(region, borders, code) {
        return far_from(held, &anchor, lon, lat);
    }
    if code.is_some() {
        return None;
    }
    let off = borders.metres_from_all(lon, lat).filter(|off| *off > 300_000.0)?;
    let guess = guess(lon, lat, |lon, lat| borders.region_at(lon, lat).is_some())
        .filter(|(mistake, ..)| *mistake != Mistake::SameNumber)?;
    Some(Misplaced { lon, lat, region: None, metres: Some(off), guess: Some(guess) })
}

/// The nearest region, itself or above, that has a border or a point.
fn anchor<'a, 'r: 'a>(
    region: impl Fn(&str) -> Option<&'r Region>,
    borders: &'a Borders,
    code: Option<&str>,
) -> Option<(&'r Region, Anchor<'a>)> {
    let mut at = code.and_then(&region);
    // No tree is so deep; a ring of parents ends here.
    for _ in 0..=Level::ALL.len() {
        let held = at?;
        let anchor = borders.get(&held.code).map(Anchor::Border).or(held.place.as_ref().map(Anchor::Point));
        if let Some(anchor) = anchor {
            return Some((held, anchor));
        }
        at = held.parent.as_deref().and_then(&region);
    }
    None
}

/// A pair that no region can be asked about and that is hardly a place: one number twice, or exactly 0, as mistakes leave them.
pub fn unlikely<'r>(
    region: impl Fn(&str) -> Option<&'r Region>,
    borders: &Borders,
    code: Option<&str>,
    place: &Place,
) -> Option<Misplaced> {
    let (lon, lat) = place.raw.as_deref().map_or((place.lon, place.lat), |raw| (raw.x, raw.y));
    let mistake = match (lon, lat) {
        _ if lon == lat => Mistake::SameNumber,
        _ if lon == 0.0 || lat == 0.0 => Mistake::Zero,
        _ => return None,
    };
    let unlikely = Misplaced { lon, lat, region: None, metres: None, guess: Some((mistake, lon, lat)) };
    anchor(region, borders, code).is_none().then_some(unlikely)
}

/// The same for the point of a region itself: against its own border, or against what stands above it.
pub fn region_misplaced<'r>(
    region: impl Fn(&str) -> Option<&'r Region>,
    borders: &Borders,
    held: &Region,
) -> Option<Misplaced> {
    let at = held.place.as_ref().map(|place| (place.lon, place.lat))?;
    if let Some(border) = borders.get(&held.code) {
        return far_from(held, &Anchor::Border(border), at.0, at.1);
    }
    misplaced(region, borders, Some(held.parent.as_deref()?), at)
}

/// The same for a border, by the point in its middle, against what stands above the region.
pub fn border_misplaced<'r>(
    region: impl Fn(&str) -> Option<&'r Region>,
    borders: &Borders,
    held: &Region,
) -> Option<Misplaced> {
    let at = borders.get(&held.code)?.inner_point()?;
    misplaced(region, borders, Some(held.parent.as_deref()?), at)
}

fn far_from(region: &Region, anchor: &Anchor<'_>, lon: f64, lat: f64) -> Option<Misplaced> {
    let (off, reach) = (anchor.metres(lon, lat), anchor.reach(region.level));
    if off <= reach {
        return None;
    }
    let guess = guess(lon, lat, |lon, lat| anchor.metres(lon, lat) <= reach);
    Some(Misplaced { lon, lat, region: Some((region.code.clone(), region.name.clone())), metres: Some(off), guess })
}

/// The first mistake that brings the pair to where it belongs.
fn guess(lon: f64, lat: f64, fits: impl Fn(f64, f64) -> bool) -> Option<(Mistake, f64, f64)> {
    use Mistake::{LostSign, SameNumber, SlippedDecimal, Swapped, SwappedAndLostSign};
    if lon == lat {
        return Some((SameNumber, lon, lat));
    }
    let mut tried = vec![(Swapped, lat, lon), (LostSign, -lon, lat), (LostSign, lon, -lat), (LostSign, -lon, -lat)];
    for by in [10.0, 0.1, 100.0, 0.01] {
        tried.extend([(lon * by, lat), (lon, lat * by), (lon * by, lat * by)].map(|(x, y)| (SlippedDecimal, x, y)));
    }
    tried.extend([(-lat, lon), (lat, -lon), (-lat, -lon)].map(|(x, y)| (SwappedAndLostSign, x, y)));
    // 11.83 by 10 is 118.30000000000001.
    let round = |degrees: f64| (degrees * 1e9).round() / 1e9;
    let tried = tried.into_iter().map(|(mistake, lon, lat)| (mistake, round(lon), round(lat)));
    tried.into_iter().find(|(_, lon, lat)| Place::in_range(*lon, *lat) && fits(*lon, *lat))
}

impl Misplaced {
    pub fn english(&self) -> String {
        let Misplaced { lon, lat, metres, .. } = self;
        let Some(metres) = metres else {
            return format!("{lon}, {lat} is hardly a place{}", self.likely_english());
        };
        let from = match &self.region {
            Some((code, name)) => format!("{name} ({code})"),
            None => "every region that has a border".to_owned(),
        };
        format!("{lon}, {lat} is {:.0} km from {from}{}", metres / 1000.0, self.likely_english())
    }

    fn likely_english(&self) -> String {
        match self.guess {
            None => String::new(),
            Some((Mistake::SameNumber, ..)) => "; lon and lat are the same number".to_owned(),
            Some((Mistake::Zero, ..)) => "; lon or lat is exactly 0".to_owned(),
            Some((mistake, lon, lat)) => {
                let what = match mistake {
                    Mistake::Swapped => "lon and lat look swapped",
                    Mistake::LostSign => "a minus sign looks lost or added",
                    Mistake::SlippedDecimal => "a decimal point looks shifted",
                    _ => "lon and lat look swapped, and a sign wrong",
                };
                format!("; {what}: perhaps {lon}, {lat}")
            }
        }
    }

    /// What would be right, for a list of findings.
    pub fn expected(&self) -> String {
        match self.guess {
            Some((mistake, lon, lat)) if !matches!(mistake, Mistake::SameNumber | Mistake::Zero) => {
                format!("perhaps {lon}, {lat}")
            }
            _ => "the longitude and latitude of the place, and the region that it lies in".to_owned(),
        }
    }

    pub fn chinese(&self) -> String {
        let Misplaced { lon, lat, metres, .. } = self;
        let from = self.region.as_ref().map_or("任何有边界的区域", |(_, name)| name);
        let likely = match self.guess {
            None => "请核对经纬度和区域。".to_owned(),
            Some((Mistake::SameNumber, ..)) => "经度和纬度是同一个数，请核对。".to_owned(),
            Some((Mistake::Zero, ..)) => "经度或纬度正好是 0，请核对。".to_owned(),
            Some((mistake, lon, lat)) => {
                let what = match mistake {
                    Mistake::Swapped => "经度和纬度可能写反了",
                    Mistake::LostSign => "可能少了或多了负号",
                    Mistake::SlippedDecimal => "小数点可能错位了",
                    _ => "经度和纬度可能写反了，正负号也不对",
                };
                format!("{what}：可能是 {lon}, {lat}。")
            }
        };
        let Some(metres) = metres else {
            return format!("{lon}, {lat} 不像一个真实的位置。{likely}");
        };
        format!("{lon}, {lat} 离{from}有 {:.0} 公里。{likely}", metres / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str, level: Level, parent: Option<&str>, place: Option<(f64, f64)>) -> Region {
        Region {
            code: code.into(),
            name: code.into(),
            level,
            parent: parent.map(Into::into),
            place: place.map(|(lon, lat)| Place::wgs84(lon, lat)),
            border: None,
            counts_in_coverage: true,
            class: None,
            source: None,
            demo: false,
        }
    }

    fn found(lon: f64, lat: f64) -> Option<Misplaced> {
        let regions = [
            region("650000", Level::Province, None, Some((87.6, 43.8))),
            region("650100", Level::City, Some("650000"), Some((87.62, 43.82))),
            // Nothing is known of it, nor of the town: the city above has a point.
            region("650102", Level::County, Some("650100"), None),
            region("650102001", Level::Town, Some("650102"), None),
        ];
        let get = |code: &str| regions.iter().find(|region| &*region.code == code);
        misplaced(get, &Borders::default(), Some("650102001"), (lon, lat))
    }

    #[test]
    fn each_mistake_is_named_with_the_pair_that_was_meant() {
        for (lon, lat, mistake, meant) in [
            (43.83, 87.62, Mistake::Swapped, (87.62, 43.83)),
            (43.83, 43.83, Mistake::SameNumber, (43.83, 43.83)),
            (87.62, 87.62, Mistake::SameNumber, (87.62, 87.62)),
            (-87.62, 43.83, Mistake::LostSign, (87.62, 43.83)),
            (87.62, -43.83, Mistake::LostSign, (87.62, 43.83)),
            (8.762, 43.83, Mistake::SlippedDecimal, (87.62, 43.83)),
            (87.62, 4.383, Mistake::SlippedDecimal, (87.62, 43.83)),
            (8.762, 4.383, Mistake::SlippedDecimal, (87.62, 43.83)),
            (-43.83, 87.62, Mistake::SwappedAndLostSign, (87.62, 43.83)),
        ] {
            let wrong = found(lon, lat).unwrap_or_else(|| panic!("{lon}, {lat} passes"));
            assert_eq!(wrong.guess, Some((mistake, meant.0, meant.1)), "{lon}, {lat}");
            assert!(wrong.region.is_some() && wrong.metres > Some(800_000.0));
        }
        let swapped = found(43.83, 87.62).expect("swapped");
        assert!(swapped.english().contains("lon and lat look swapped: perhaps 87.62, 43.83"), "{}", swapped.english());
        assert!(swapped.chinese().contains("可能写反了：可能是 87.62, 43.83"), "{}", swapped.chinese());
    }

    #[test]
    fn a_pair_near_the_region_passes_and_one_far_from_it_is_wrong_without_a_name_for_the_mistake() {
        assert_eq!(found(87.9, 43.5), None);
        assert_eq!(found(84.0, 46.0), None, "within the reach of a city");
        let far = found(118.27, 33.96).expect("far off");
        assert_eq!(far.guess, None);
        assert!(found(0.0, 0.0).is_some());
    }

    #[test]
    fn one_number_twice_or_a_zero_is_hardly_a_place_where_no_region_can_be_asked() {
        let known = region("65", Level::Province, None, Some((87.6, 43.8)));
        let bare = region("1", Level::Town, None, None);
        let get = |code: &str| [&known, &bare].into_iter().find(|region| &*region.code == code);
        let borders = Borders::default();
        let told = |code, lon, lat| unlikely(get, &borders, code, &Place::wgs84(lon, lat)).map(|wrong| wrong.english());
        for (lon, lat, said) in [(33.94, 33.94, "same number"), (118.26, 0.0, "exactly 0"), (0.0, 33.94, "exactly 0")] {
            for code in [None, Some("1")] {
                assert!(told(code, lon, lat).is_some_and(|told| told.contains(said)), "{lon}, {lat} {code:?}");
            }
            assert_eq!(told(Some("65"), lon, lat), None, "the region is asked");
        }
        assert_eq!(told(None, 118.26, 33.94), None);
    }

    #[test]
    fn the_point_of_a_region_is_checked_against_what_stands_above_it() {
        let above = region("65", Level::Province, None, Some((87.6, 43.8)));
        let get = |code: &str| Some(&above).filter(|region| &*region.code == code);
        let below = |lon, lat| region("6501", Level::City, Some("65"), Some((lon, lat)));
        assert_eq!(region_misplaced(get, &Borders::default(), &below(82.0, 44.0)), None);
        assert!(region_misplaced(get, &Borders::default(), &below(44.0, 82.0)).is_some());
        assert_eq!(region_misplaced(get, &Borders::default(), &above), None, "nothing stands above it");
    }
}
