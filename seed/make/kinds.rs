//! What a made-up facility of each kind looks like: short code, names, hours, capacity, price, services.

use crate::{dice::Dice, facilities::Facility};

const KINDS: &[(&str, &str, &[&str])] = &[
    ("nursing_home", "NH", &["敬老院", "养老院", "康养中心", "颐养中心", "老年公寓"]),
    ("nursing_hospital", "HO", &["护理院", "康复护理院"]),
    ("regional_rural_centre", "RC", &["区域性养老服务中心"]),
    ("concentrated_care_centre", "CC", &["失能失智集中供养中心"]),
    ("street_day_care", "SD", &["综合性日间照料中心"]),
    ("day_care", "DC", &["社区日间照料中心"]),
    ("community_centre", "CN", &["居家社区养老服务中心"]),
    ("community_station", "CS", &["居家社区养老服务站"]),
    ("embedded_centre", "EM", &["社区嵌入式养老服务中心"]),
    ("neighbour_point", "NP", &["睦邻点"]),
    ("elder_support_station", "ES", &["助老守护站"]),
    ("canteen", "CA", &["幸福食堂", "爱心食堂"]),
    ("meal_point", "MP", &["助餐点", "老年助餐点"]),
    ("village_relief_station", "VR", &["村级社会救助站"]),
    ("relief_station", "RS", &["救助管理站"]),
    ("assistance_centre", "AC", &["社会救助帮扶中心"]),
    ("mutual_aid_society", "MA", &["救急难互助社"]),
    ("charity_site", "CH", &["慈善站", "慈善协会"]),
    ("social_work_station", "SW", &["社工站"]),
    ("public_cemetery", "PC", &["公益性公墓"]),
    ("commercial_cemetery", "KC", &["陵园"]),
    ("columbarium", "CO", &["骨灰堂"]),
    ("funeral_home", "FH", &["殡仪馆"]),
    ("children_care_home", "CK", &["儿童关爱之家"]),
    ("minor_protection_station", "MS", &["未成年人保护工作站"]),
    ("child_practice_base", "CB", &["儿童成长实践基地"]),
    ("mental_rehab_site", "MR", &["精神障碍社区康复点"]),
    ("welfare_centre", "WC", &["社会福利服务中心"]),
    ("community_building", "BU", &["社区综合服务中心"]),
];

fn row(kind: &str) -> &'static (&'static str, &'static str, &'static [&'static str]) {
    KINDS.iter().find(|k| k.0 == kind).expect("a known kind")
}

pub fn short(kind: &str) -> &'static str {
    row(kind).1
}

pub fn labels(kind: &str) -> &'static [&'static str] {
    row(kind).2
}

const OFFICE: &[&str] = &["Mo-Fr 08:30-17:30", "Mo-Fr 08:30-12:00,14:00-17:30", "Mo-Fr 09:00-17:00; PH off"];
const DAILY: &[&str] = &["Mo-Su 08:00-18:00", "Mo-Sa 08:00-17:30", "Mo-Fr 08:30-17:30", "Mo-Sa 08:30-17:00; PH off"];
const MEALS: &[&str] = &[
    "Mo-Su 06:30-08:30,11:00-13:00,17:00-18:30",
    "Mo-Su 11:00-13:00,17:00-18:30",
    "Mo-Su 10:45-12:45",
    "Mo-Fr 11:00-13:00",
    "Mo-Sa 11:00-12:30,16:30-18:00; PH off",
];

pub fn fill(f: &mut Facility, dice: &mut Dice) {
    f.opened_on = match f.kind {
        // The public reports that the figures follow count what was open at the end of October 2022 and later.
        "canteen" | "meal_point" => dice.day(2019, 2021),
        "charity_site" => dice.day(2010, 2023),
        "nursing_home" => dice.day(2006, 2021),
        _ => dice.day(2014, 2021),
    };
    f.ownership = dice.pick(&["公办", "公办", "公建民营", "民办"]);
    f.hours = dice.pick(OFFICE);
    match f.kind {
        "nursing_home"
        | "nursing_hospital"
        | "regional_rural_centre"
        | "concentrated_care_centre"
        | "welfare_centre" => residential(f, dice),
        "street_day_care" | "day_care" | "community_centre" | "embedded_centre" => {
            f.hours = dice.pick(DAILY);
            f.day_places = dice.chance(0.9).then(|| dice.between(4, 24) * 2);
            f.services =
                dice.pick(&["日间照料;助餐;助浴", "日间照料;助餐;康复", "日间照料;助餐;助洁;文娱", "日间照料;文娱"]);
            if dice.chance(0.5) {
                price(f, dice, 300, 900, 300, "");
            }
        }
        "community_station" | "neighbour_point" | "elder_support_station" => {
            f.hours = dice.pick(&["Mo-Fr 08:30-17:30", "Mo-Fr 08:30-17:30", "Mo-Sa 09:00-16:30", ""]);
            f.seats = dice.chance(0.6).then(|| dice.between(8, 40));
            f.services = dice.pick(&["文娱;助洁", "上门探访;文娱", "助浴;助洁;文娱", "上门探访"]);
            f.ownership = "公办";
        }
        "canteen" | "meal_point" => {
            let cooks = f.kind == "canteen";
            f.hours = dice.pick(MEALS);
            let (low, high) = if cooks { (50, 240) } else { (15, 80) };
            f.meals_per_day = dice.chance(0.92).then(|| dice.between(low, high));
            f.seats = dice.chance(0.9).then(|| dice.between(low / 3, high / 3));
            f.services = dice.pick(&["助餐", "助餐;送餐"]);
            price(f, dice, 5, 9, 6, "meal");
        }
        "public_cemetery" | "commercial_cemetery" | "columbarium" => {
            f.hours = dice.pick(&["Mo-Su 08:00-17:00", "Mo-Su 07:30-17:30"]);
            let total = dice.between(8, 120) * 100;
            f.plots_total = Some(total);
            f.plots_used = dice.chance(0.85).then(|| total * dice.between(15, 96) / 100);
            f.services = "骨灰安葬";
            match f.kind {
                "commercial_cemetery" => {
                    (f.ownership, f.services) = ("民办", "骨灰安葬;墓位销售");
                    price(f, dice, 9000, 20000, 50000, "plot");
                }
                kind => {
                    f.ownership = "公办";
                    if kind == "columbarium" {
                        f.services = "骨灰寄存";
                    }
                    price(f, dice, 500, 2500, 2000, "plot");
                }
            }
        }
        "funeral_home" => {
            (f.hours, f.ownership, f.services) = ("24/7", "公办", "遗体接运;火化;告别;骨灰寄存");
        }
        "relief_station" => (f.hours, f.ownership, f.services) = ("24/7", "公办", "救助;寻亲"),
        "assistance_centre" | "village_relief_station" => (f.ownership, f.services) = ("公办", "救助申请;咨询"),
        "mutual_aid_society" => (f.ownership, f.services) = ("社会组织", "急难救助"),
        "charity_site" => (f.ownership, f.services) = ("社会组织", "慈善募捐;帮扶"),
        "mental_rehab_site" => f.services = "康复",
        "children_care_home" | "minor_protection_station" | "child_practice_base" => {
            f.hours = dice.pick(&["Mo-Fr 15:30-18:30; Sa 09:00-17:00", "Mo-Fr 08:30-17:30", "Sa,Su 09:00-17:00"]);
            f.services = "儿童关爱";
        }
        _ => {}
    }
    f.operator = match f.ownership {
        "公办" => dice.pick(&["示例镇街自办", "示例公共服务中心"]),
        "社会组织" => "示例社会组织",
        _ => dice.pick(&["示例康养服务有限公司", "示例养老服务有限公司", "示例社会工作服务中心"]),
    };
}

fn residential(f: &mut Facility, dice: &mut Dice) {
    f.hours = "24/7";
    let (low, high) = match f.kind {
        "nursing_home" => (15, 110),
        "welfare_centre" => (150, 250),
        _ => (40, 130),
    };
    let total = dice.between(low, high) * 2;
    f.beds_total = Some(total);
    let (least, most) = if f.kind == "nursing_home" { (35, 75) } else { (65, 100) };
    f.beds_nursing = dice.chance(0.94).then(|| total * dice.between(least, most) / 100);
    f.beds_occupied = match dice.unit() {
        u if u < 0.18 => None,
        u if u < 0.25 => Some(total),
        _ => Some(total * dice.between(38, 96) / 100),
    };
    if dice.chance(0.3) {
        f.day_places = Some(dice.between(3, 15) * 2);
    }
    f.services = match f.kind {
        "nursing_hospital" => dice.pick(&["康复;医疗护理;失能照护", "康复;医疗护理;失智照护;安宁疗护"]),
        "concentrated_care_centre" => "失能照护;失智照护;康复;助浴",
        _ => dice.pick(&[
            "助餐;助浴",
            "助餐;助浴;失能照护",
            "助餐;助浴;康复;失能照护",
            "助餐;助浴;失能照护;失智照护",
            "助餐;文娱",
        ]),
    };
    if dice.chance(0.88) {
        let least = if f.ownership == "公办" { 900 } else { 1500 };
        price(f, dice, least, 3200, 3000, "");
    }
}

/// A lowest price in the given range and a highest one above it; amounts over 100 are whole hundreds.
fn price(f: &mut Facility, dice: &mut Dice, low: u32, high: u32, more: u32, unit: &'static str) {
    let whole = |n: u32| if n > 100 { n / 100 * 100 } else { n };
    let least = dice.between(low, high);
    f.price_min = Some(whole(least));
    f.price_max = dice.chance(0.85).then(|| whole(least + dice.between(0, more)));
    f.price_unit = unit;
}
