//! Invented dossiers: licences, menus, staff and inspections of a few facilities in each district, all marked as demo data.

use serde::Serialize;

use crate::{dice::Dice, facilities::Facility, places::DISTRICTS, regions::Regions};

/// Said wherever an inspection is shown: nobody inspected a place that does not exist.
const NOTE: &str = "演示数据，非真实检查";
const ISSUER: &str = "示例发证机关";

/// Of facilities where people live; the report's share of certified caregivers counts just these kinds.
const HOMES: [&str; 4] = ["nursing_home", "nursing_hospital", "regional_rural_centre", "concentrated_care_centre"];
const MEALS: [&str; 2] = ["canteen", "meal_point"];
const GRAVES: [&str; 1] = ["public_cemetery"];
const FUNERALS: [&str; 1] = ["funeral_home"];

/// Last days of licences, seen from 2026-11-22: over, over in a month, in three months, and later.
const LAST_DAYS: [&str; 4] = ["2026-10-31", "2026-12-15", "2027-02-10", "2029-06-30"];

/// The days of the demo menu: two weeks from 2026-11-22.
const MENU_DAYS: [&str; 14] = [
    "2026-11-22",
    "2026-11-23",
    "2026-11-24",
    "2026-11-25",
    "2026-11-26",
    "2026-11-27",
    "2026-11-28",
    "2026-11-29",
    "2026-11-30",
    "2026-12-01",
    "2026-12-02",
    "2026-12-03",
    "2026-12-04",
    "2026-12-05",
];
const DISHES: [&str; 6] = [
    "红烧鸡块+清炒时蔬+紫菜蛋汤",
    "番茄炒蛋+白菜豆腐+小米粥",
    "清蒸鱼块+蒜蓉菠菜+冬瓜汤",
    "肉末茄子+炒土豆丝+绿豆汤",
    "萝卜炖牛肉+凉拌黄瓜+玉米粥",
    "青椒肉丝+烧豆角+番茄汤",
];

/// One row of `inspections.csv`: a finding, or an inspection that found nothing.
#[derive(Clone, Default, Serialize)]
pub struct Row {
    pub facility: String,
    pub r#type: &'static str,
    pub inspected_on: &'static str,
    pub agencies: &'static str,
    pub result: &'static str,
    pub note: &'static str,
    pub category: &'static str,
    pub severity: &'static str,
    pub detail: String,
    pub due_on: &'static str,
    pub rectified_on: &'static str,
    pub rectification: &'static str,
}

/// The first `n` working facilities of these kinds in a district, in the order of the file.
fn some(regions: &Regions, all: &[Facility], root: &str, kinds: &[&str], n: usize) -> Vec<usize> {
    let fits = |f: &Facility| kinds.contains(&f.kind) && f.status == "operating" && regions.within(&f.region, root);
    all.iter().enumerate().filter(|(_, f)| fits(f)).map(|(at, _)| at).take(n).collect()
}

/// Tells licences, menus and staff.
pub fn tell(regions: &Regions, all: &mut [Facility]) {
    for district in &DISTRICTS {
        let root = district.root;
        for (n, at) in some(regions, all, root, &HOMES, 4).into_iter().enumerate() {
            let f = &mut all[at];
            (f.licence_type, f.licence_issuer) = ("filing;fire".into(), format!("{ISSUER};{ISSUER}"));
            f.licence_number = format!("示例备{0};示例消{0}", &f.code[5..]);
            f.licence_valid_until = format!(";{}", LAST_DAYS[n]);
        }
        for (n, at) in some(regions, all, root, &MEALS, 4).into_iter().enumerate() {
            let f = &mut all[at];
            (f.licence_type, f.licence_issuer) = ("food".into(), ISSUER.into());
            f.licence_number = format!("示例食{}", &f.code[5..]);
            f.licence_valid_until = LAST_DAYS[3 - n].into();
        }
        for at in some(regions, all, root, &["meal_point"], 3) {
            let mut dice = Dice::new(&format!("{} menu", all[at].code));
            let price = dice.between(8, 14);
            let meals = MENU_DAYS.map(|day| format!("{day}|lunch|{price}|{}", dice.pick(&DISHES)));
            all[at].menu = meals.join(";");
        }
        for at in some(regions, all, root, &HOMES, 6) {
            let f = &mut all[at];
            let mut dice = Dice::new(&format!("{} staff", f.code));
            let fifths = dice.between(2, 9);
            // 薛城区's report prints 80 %; elsewhere the share is anything.
            let (certified, as_of) = match root {
                "370403" => (fifths * 4, "2023-12-31"),
                _ => (fifths * dice.between(2, 5) - dice.between(0, 1), "2026-06-30"),
            };
            (f.caregivers, f.caregivers_certified, f.staff_as_of) = (Some(fifths * 5), Some(certified), as_of);
        }
    }
}

/// Inspections with findings that are open, overdue and rectified; and those of the two lines of the report.
pub fn inspections(regions: &Regions, all: &[Facility]) -> Vec<Row> {
    let mut rows = vec![];
    for district in &DISTRICTS {
        let root = district.root;
        let code = |at: usize| all[at].code.clone();
        // All funeral homes, in the year that the report of the district is about.
        let year = if root == "371500" { "2024-05-20" } else { "2023-05-16" };
        rows.extend(
            some(regions, all, root, &FUNERALS, usize::MAX)
                .into_iter()
                .map(|at| Row { agencies: "示例民政部门", ..passed(code(at), "annual", year) }),
        );
        if root == "XX0001" {
            rows.extend(graves(&some(regions, all, root, &GRAVES, 2).into_iter().map(code).collect::<Vec<_>>()));
        }
        let homes = some(regions, all, root, &HOMES, 5);
        let (places, r#type) = match homes.is_empty() {
            true => (some(regions, all, root, &MEALS, 5), "food"),
            false => (homes, "safety"),
        };
        for (n, at) in places.into_iter().enumerate() {
            rows.extend(safety(n, code(at), r#type));
        }
    }
    rows
}

fn passed(facility: String, r#type: &'static str, inspected_on: &'static str) -> Row {
    Row { facility, r#type, inspected_on, result: "passed", note: NOTE, ..Row::default() }
}

/// The safety checks of the autumn of 2026: passed, put right, open, overdue, failed.
fn safety(n: usize, facility: String, r#type: &'static str) -> Vec<Row> {
    let day = ["2026-09-15", "2026-09-16", "2026-10-20", "2026-09-22", "2026-10-12"][n];
    let whole = Row { agencies: "示例民政部门;示例应急部门", ..passed(facility, r#type, day) };
    let found = |result, category, severity, detail: &str, due_on| Row {
        result,
        category,
        severity,
        detail: detail.into(),
        due_on,
        ..whole.clone()
    };
    let some = "passed_with_findings";
    match n {
        0 => vec![whole],
        1 => vec![Row {
            rectified_on: "2026-10-09",
            rectification: "已更换插座",
            ..found(some, "用电", "minor", "活动室插座松动", "2026-10-15")
        }],
        2 => vec![found(some, "燃气", "minor", "厨房燃气软管临近更换期", "2026-12-31")],
        3 => vec![found(some, "食品", "minor", "留样记录不全", "2026-10-22")],
        _ => vec![
            found("failed", "消防通道", "major", "二楼疏散通道堆放杂物", "2026-11-12"),
            Row {
                rectified_on: "2026-10-30",
                rectification: "已补充灭火器",
                ..found("failed", "消防器材", "minor", "灭火器压力不足", "2026-11-12")
            },
        ],
    }
}

/// The twelve oversized graves of the report, found and put right in its year.
fn graves(cemeteries: &[String]) -> Vec<Row> {
    let of = |(n, facility): (usize, &String)| {
        let facility = facility.clone();
        (1..=6).map(move |at| Row {
            agencies: "示例民政部门",
            result: "passed_with_findings",
            category: "oversized_grave",
            severity: "major",
            detail: format!("示例墓区第{at}排一座墓占地超过规定面积"),
            due_on: "2023-10-31",
            rectified_on: "2023-10-20",
            rectification: "已按规定整治",
            ..passed(facility.clone(), "annual", ["2023-04-06", "2023-04-07"][n])
        })
    };
    cemeteries.iter().enumerate().flat_map(of).collect()
}
