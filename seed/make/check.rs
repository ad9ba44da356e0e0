//! Every figure the seed must give. One that is off stops the program before a file is written.

use geo::{Contains, Point, Validation};
use geojson::GeoJson;
use std::{collections::BTreeSet, error::Error};

use crate::{
    dossier::Row,
    facilities::Facility,
    people::{Demand, share},
    places::{AGED_80, DISTRICTS},
    regions::Regions,
};

/// The day on which ratings must be current.
const TODAY: &str = "2026-11-22";

struct Tally<'a> {
    regions: &'a Regions,
    facilities: &'a [Facility],
    wrong: Vec<String>,
}

impl Tally<'_> {
    fn same(&mut self, what: &str, found: usize, wanted: usize) {
        if found != wanted {
            self.wrong.push(format!("{what}: {found} instead of {wanted}"));
        }
    }

    fn all(&self, root: &str, kinds: &[&str]) -> impl Iterator<Item = &Facility> {
        self.facilities.iter().filter(move |f| kinds.contains(&f.kind) && self.regions.within(&f.region, root))
    }

    /// Facilities in operation (trial included) within a region that pass a test.
    fn open(&mut self, root: &str, kinds: &[&str], wanted: usize, test: impl Fn(&Facility) -> bool) {
        let working = |f: &&Facility| f.status == "operating" || f.status == "trial";
        let found = self.all(root, kinds).filter(working).filter(|f| test(f)).count();
        self.same(&format!("{root} {}", kinds.join("+")), found, wanted);
    }
}

fn any(_: &Facility) -> bool {
    true
}

/// Three years after the rating day where no end is given.
fn current(f: &Facility) -> bool {
    let end = if f.rating_valid_until.is_empty() && !f.rated_on.is_empty() {
        let year: u32 = f.rated_on[..4].parse().unwrap_or_default();
        format!("{}{}", year + 3, &f.rated_on[4..])
    } else {
        f.rating_valid_until.clone()
    };
    !f.rated_on.is_empty() && f.rated_on.as_str() <= TODAY && end.as_str() > TODAY
}

pub fn everything(
    regions: &Regions,
    people: &[Demand],
    facilities: &[Facility],
    inspections: &[Row],
    geojson: &str,
) -> Result<(), Box<dyn Error>> {
    let mut t = Tally { regions, facilities, wrong: vec![] };
    figures(&mut t);
    tree(&mut t);
    shapes(&mut t, geojson)?;
    population(&mut t, people);
    records(&mut t);
    dossiers(&mut t, inspections);
    if t.wrong.is_empty() { Ok(()) } else { Err(t.wrong.join("\n").into()) }
}

fn figures(t: &mut Tally) {
    let meals = ["canteen", "meal_point"];

    t.open("321300", &["nursing_home"], 145, any);
    t.open("321300", &["regional_rural_centre"], 16, any);
    t.open("321300", &["nursing_hospital"], 24, any);
    t.open("321300", &["community_centre", "community_station"], 793, any);
    t.open("321300", &["street_day_care"], 16, any);
    t.open("321300", &["commercial_cemetery"], 5, any);
    t.open("321300", &["children_care_home"], 145, |f| f.tags == "省级");
    t.open("321300", &["child_practice_base"], 30, any);
    t.open("321300", &["commercial_cemetery"], 5, |f| f.tags == "价格登记");
    t.open("321300", &["assistance_centre"], 46, |f| f.tags == "进驻政务服务中心");
    t.open("321300", &["assistance_centre"], 46, any);
    for kind in ["public_cemetery", "funeral_home"] {
        t.open("321300", &[kind], if kind == "funeral_home" { 5 } else { 20 }, |f| f.ownership == "公办");
    }
    let working = t.all("321300", &["street_day_care"]).filter(|f| f.status == "operating");
    let streets = working.map(|f| &f.region).collect::<BTreeSet<_>>().len();
    t.same("321300 streets with a day-care centre", streets, 16);

    let beds: u32 = t
        .all("371500", &["nursing_home"])
        .filter(|f| f.built_on.starts_with("2024"))
        .filter_map(|f| f.beds_nursing)
        .sum();
    t.same("371500 nursing beds built in 2024", beds as usize, 188);
    let built = t.all("371500", &["canteen"]).filter(|f| f.built_on.starts_with("2024")).count();
    t.same("371500 canteens built in 2024", built, 46);
    let coming = |f: &&Facility| ["planned", "under_construction"].contains(&f.status) && f.built_on.is_empty();
    let coming = t.all("371500", &["canteen"]).filter(coming).count();
    t.same("371500 canteens to come", coming, 56);
    t.open("371500", &["public_cemetery", "columbarium"], 6, |f| f.tags == "生态安葬试点");
    t.open("371500", &["charity_site"], 75, any);
    t.open("371500", &["charity_site"], 9, |f| f.opened_on.starts_with("2024"));
    t.open("371500", &["relief_station"], 1, any);
    let second = t
        .all("371500", &["welfare_centre"])
        .filter(|f| f.status == "under_construction" && f.name.contains("二期"))
        .count();
    t.same("371500 welfare centre, phase 2", second, 1);

    t.open("370403", &["nursing_home"], 12, |f| f.rating_scheme == "city_star" && current(f));
    t.open("370403", &["nursing_home"], 1, |f| f.name.starts_with("亲和源康养中心"));
    t.open("370403", &meals, 15, |f| f.opened_on.starts_with("2023"));
    t.open("370403006", &["day_care"], 1, |f| f.name.starts_with("碧桂园小区社区日间照料中心"));
    t.open("370403005", &["embedded_centre"], 1, |f| f.name.starts_with("西小社区嵌入式养老服务中心"));
    t.open("370403", &["village_relief_station"], 2, any);
    t.open("370403101", &["village_relief_station"], 1, |f| f.name.starts_with("张庄村"));
    t.open("370403006", &["village_relief_station"], 1, |f| f.name.starts_with("高楼村"));
    t.open("370403", &["funeral_home"], 1, any);
    for kind in ["day_care", "embedded_centre"] {
        t.open("370403", &[kind], 1, |f| f.opened_on.starts_with("2023"));
    }

    t.open("321112", &["concentrated_care_centre"], 1, any);
    t.open("321112", &["regional_rural_centre"], 2, |f| f.ownership == "公建民营");
    t.open("321112", &["regional_rural_centre"], 2, any);
    for (level, wanted) in [(3, 1), (2, 8)] {
        let rated = |f: &Facility| f.rating_scheme == "community_a" && f.rating_level == Some(level) && current(f);
        t.open("321112", &["community_centre"], wanted, rated);
        t.open("321112", &["community_centre"], wanted, |f| rated(f) && f.tags == "示范点");
    }
    t.open("321112", &["children_care_home"], 5, any);
    t.open("321112", &["community_building"], 3, |f| f.tags == "提升:2022");

    t.open("XX0001", &meals, 20, any);
    t.open("XX0001", &meals, 20, |f| f.opened_on.starts_with("2023"));
    t.open("XX0001", &["mutual_aid_society"], 75, any);
    let served: BTreeSet<_> = t.all("XX0001", &["mutual_aid_society"]).map(|f| &f.region).collect();
    let served = served.len();
    t.same("XX0001 units with a mutual-aid society", served, 75);
    t.open("XX0001", &["charity_site"], 5, any);
    t.open("XX0001", &["mental_rehab_site"], 4, any);
    t.open("XX0001", &["community_building"], 11, |f| f.tags.starts_with("列入完善"));
    t.open("XX0001", &["community_building"], 5, |f| f.tags.ends_with("已改善"));
}

/// What the dossiers must give: the two lines of the report, the share of certified caregivers, and something of every kind.
fn dossiers(t: &mut Tally, rows: &[Row]) {
    let graves = rows.iter().filter(|row| row.category == "oversized_grave" && row.inspected_on.starts_with("2023"));
    t.same("XX0001 oversized graves", graves.filter(|row| row.facility.contains("-XX0001-PC-")).count(), 12);
    let looked = |code: &str| rows.iter().any(|row| row.facility == code && row.inspected_on.starts_with("2023"));
    t.open("370403", &["funeral_home"], 1, |f| looked(&f.code));
    let homes: Vec<_> = t.all("370403", &["nursing_home"]).collect();
    let sum = |part: fn(&Facility) -> Option<u32>| homes.iter().filter_map(|f| part(f)).sum::<u32>();
    let (caregivers, certified) = (sum(|f| f.caregivers), sum(|f| f.caregivers_certified));
    t.same("370403 certified caregivers, of ten", (certified * 10 / caregivers.max(1)) as usize, 8);
    for d in &DISTRICTS {
        let own: Vec<_> = rows.iter().filter(|row| row.facility.contains(&format!("-{}-", d.root))).collect();
        let open = own.iter().filter(|row| !row.category.is_empty() && row.rectified_on.is_empty());
        let overdue = open.clone().filter(|row| row.due_on < TODAY).count();
        let put_right = own.iter().filter(|row| !row.rectified_on.is_empty()).count();
        let some = usize::from(open.count() > overdue && overdue > 0 && put_right > 0);
        t.same(&format!("{} findings open, overdue and rectified", d.root), some, 1);
        let own = || t.facilities.iter().filter(|f| t.regions.within(&f.region, d.root));
        let expired = own().filter(|f| f.licence_valid_until.ends_with("2026-10-31")).count();
        let menus = own().filter(|f| !f.menu.is_empty()).count();
        t.same(&format!("{} expired licences and menus", d.root), usize::from(expired > 0 && menus > 0), 1);
    }
    let marked =
        rows.iter().filter(|row| row.note.starts_with("演示数据") && row.facility.starts_with("DEMO-")).count();
    t.same("inspections that say they are demo", marked, rows.len());
}

fn tree(t: &mut Tally) {
    let codes: BTreeSet<_> = t.regions.all.iter().map(|r| &r.code).collect();
    let (unique, all) = (codes.len(), t.regions.all.len());
    t.same("unique region codes", unique, all);
    for region in &t.regions.all {
        if !region.parent.is_empty() && !codes.contains(&region.parent) {
            t.wrong.push(format!("{}: no parent {}", region.code, region.parent));
        }
    }
    let towns = t.regions.below("321300", "town");
    for (digit, wanted) in [(b'0', 27), (b'1', 59), (b'2', 8), (b'4', 15)] {
        let found = towns.iter().filter(|r| r.code.as_bytes()[6] == digit).count();
        t.same(&format!("321300 class {}", digit as char), found, wanted);
    }
    t.same("321300 towns", towns.len(), 109);
    t.same("321300 towns that count", towns.iter().filter(|r| r.counts).count(), 95);
    let zones = towns.iter().filter(|r| r.counts && r.code.as_bytes()[6] == b'4').count();
    t.same("321300 zones that count", zones, 1);
    t.same("321300 villages", t.regions.below("321300", "village").len(), 1401);
    t.same("371500 counties", t.regions.below("371500", "county").len(), 8);
    for (digit, wanted) in [(b'0', 6), (b'1', 4)] {
        let towns = t.regions.below("370403", "town");
        t.same("370403 towns", towns.iter().filter(|r| r.code.as_bytes()[6] == digit).count(), wanted);
    }
    for (word, wanted) in [("社区", 62), ("村", 13)] {
        let units = t.regions.below("XX0001", "village");
        t.same("XX0001 units", units.iter().filter(|r| r.name.contains(word)).count(), wanted);
    }
    for (code, name) in [
        ("321323107", "穿城镇"),
        ("321302101", "耿车镇"),
        ("370403005", "常庄街道"),
        ("370403006", "新城街道"),
        ("370403101", "沙沟镇"),
        ("321112001", "高资街道"),
    ] {
        t.same(name, usize::from(t.regions.get(code).is_some_and(|r| r.name == name)), 1);
    }
}

fn shapes(t: &mut Tally, geojson: &str) -> Result<(), Box<dyn Error>> {
    let GeoJson::FeatureCollection(collection) = geojson.parse()? else {
        return Err("not a FeatureCollection".into());
    };
    t.same("features", collection.features.len(), t.regions.all.len());
    t.same("size below 1.5 MB", usize::from(geojson.len() < 1_500_000), 1);
    for feature in &collection.features {
        let shape: geo::Geometry = feature.geometry.clone().ok_or("a feature without a border")?.try_into()?;
        if !shape.is_valid() {
            t.wrong.push(format!("{:?}: not a valid border", feature.property("code")));
        }
    }
    for unit in &t.regions.all {
        let own = unit.shape.contains(&Point::new(unit.lon, unit.lat));
        if !own && unit.level == "village" {
            t.wrong.push(format!("{}: point outside its border", unit.code));
        }
    }
    Ok(())
}

fn population(t: &mut Tally, people: &[Demand]) {
    let villages = t.regions.all.iter().filter(|r| r.level == "village").count();
    t.same("a demand point for each village-level unit", people.len(), villages);
    let points: BTreeSet<_> = people.iter().map(|p| (p.lon.to_bits(), p.lat.to_bits())).collect();
    t.same("distinct demand points", points.len(), villages);
    for d in &DISTRICTS {
        let sum = |part: fn(&Demand) -> u32| {
            let own = people.iter().filter(|p| t.regions.within(&p.region, d.root));
            own.map(part).sum::<u32>() as usize
        };
        let sums = [sum(|p| p.total), sum(|p| p.aged_60), sum(|p| p.aged_80)];
        for (found, wanted) in
            sums.into_iter().zip([d.population, share(d.population, d.aged_60), share(d.population, AGED_80)])
        {
            t.same(&format!("{} people", d.root), found, wanted as usize);
        }
    }
    let wrong =
        people.iter().filter(|p| p.aged_80 > p.aged_60 || p.aged_60 > p.total || p.living_alone > p.aged_60).count();
    t.same("demand points where a part is more than the whole", wrong, 0);
}

fn records(t: &mut Tally) {
    let all = t.facilities;
    let (codes, names): (BTreeSet<_>, BTreeSet<_>) = all.iter().map(|f| (&f.code, (&f.name, &f.region))).unzip();
    t.same("unique facility codes", codes.len(), all.len());
    t.same("unique names in a region", names.len(), all.len());
    for f in all {
        let inside = match (t.regions.get(&f.region), f.lon, f.lat) {
            (None, ..) => false,
            (Some(region), Some(lon), Some(lat)) => region.shape.contains(&Point::new(lon, lat)),
            _ => f.lon == f.lat,
        };
        let visible = f.demo && f.name.contains("示例") && f.note.starts_with("演示数据");
        let beds = f.beds_nursing <= f.beds_total || f.beds_nursing.is_none();
        let plots = f.plots_used <= f.plots_total;
        let prices = f.price_max.is_none() || f.price_min <= f.price_max;
        let order = [&f.built_on, &f.opened_on, &f.rated_on, &f.closed_on];
        let order: Vec<_> = order.into_iter().filter(|day| !day.is_empty()).collect();
        let days = order.is_sorted() && order.iter().all(|day| day.as_str() <= TODAY);
        if !(inside && visible && beds && plots && prices && days) {
            t.wrong.push(format!("{} {}: not a sound record", f.code, f.name));
        }
    }
}
