//! Which facilities stand in which district. The numbers here make the figures that `check.rs` and the README state.

use crate::{
    dice::Dice,
    facilities::{Facility, Maker},
    regions::Region,
};

/// The tag of an assistance centre that has its window in the government service hall of its level.
const IN_THE_HALL: &str = "进驻政务服务中心";

fn as_is(_: usize, _: &mut Facility) {}

/// A rating day that is current on 2026-11-22 and stays so to the end of 2028.
fn recent(f: &Facility) -> String {
    let mut dice = Dice::new(&format!("rated {}", f.code));
    format!("2026-{:02}-{:02}", dice.between(1, 9), dice.between(1, 28))
}

/// The same in the year of the report that counts it.
fn rated_for_report(f: &Facility, year: &str) -> String {
    recent(f).replace("2026", year)
}

/// A rating day whose three years are over.
fn long_ago(f: &Facility) -> String {
    Dice::new(&format!("rated {}", f.code)).day(2015, 2018)
}

pub fn fill(maker: &mut Maker) {
    match maker.district.root {
        "321300" => suqian(maker),
        "371500" => liaocheng(maker),
        "370403" => xuecheng(maker),
        "321112" => dantu(maker),
        _ => anonymous(maker),
    }
}

fn class<'a>(units: &[&'a Region], digit: u8) -> Vec<&'a Region> {
    units.iter().copied().filter(|r| r.code.as_bytes()[6] == digit).collect()
}

fn suqian(m: &mut Maker) {
    let all_towns = m.level("town");
    let towns: Vec<_> = all_towns.iter().copied().filter(|t| t.counts).collect();
    let zones: Vec<_> = all_towns.iter().copied().filter(|t| !t.counts).collect();
    let (counties, villages) = (m.level("county"), m.level("village"));
    let (streets, urban) = (class(&towns, b'0'), class(&villages, b'0'));
    // No meals in the villages of 泗洪县: a gap that coverage must show.
    let fed: Vec<_> = class(&villages, b'1').into_iter().filter(|v| !v.code.starts_with("321324")).collect();

    m.spread("nursing_home", 145, &towns, |n, f| {
        let mut dice = Dice::new(&format!("stars {n}"));
        match n % 5 {
            0 | 1 => f.rate("gb37276", dice.between(1, 5), recent(f), 3),
            2 => f.rate("gb37276", dice.between(1, 4), long_ago(f), 3),
            _ => {}
        }
        match n {
            40 | 110 => f.beds_occupied = f.beds_total.map(|beds| beds + 3), // over capacity, as happens
            77 => f.status = "trial",
            _ => {}
        }
    });
    m.spread("regional_rural_centre", 16, &class(&towns, b'1'), as_is);
    m.spread("nursing_hospital", 24, &towns, as_is);
    m.spread("community_centre", 95, &towns, |n, f| match n % 4 {
        0 => f.rate("community_a", 1 + n as u32 % 5, recent(f), 3),
        1 => f.rate("community_a", 1 + n as u32 % 3, long_ago(f), 3),
        _ => {}
    });
    m.spread("community_station", 698, &villages, |n, f| {
        if n % 100 == 50 {
            f.status = "trial";
        }
    });
    m.spread("street_day_care", 16, &streets, as_is);
    m.spread("commercial_cemetery", 5, &counties, |_, f| f.tags = "价格登记");
    m.spread("children_care_home", 145, &towns, |_, f| f.tags = "省级");
    m.spread("child_practice_base", 30, &towns, as_is);

    m.spread("meal_point", 62, &urban, as_is);
    m.spread("meal_point", 20, &fed, as_is);
    m.spread("canteen", 36, &fed, as_is);
    m.spread("canteen", 4, &zones, as_is);
    m.spread("neighbour_point", 60, &villages, |n, f| {
        if n % 15 == 7 {
            f.nowhere();
        }
    });
    m.spread("assistance_centre", 5, &counties, |_, f| f.tags = IN_THE_HALL);
    m.spread("assistance_centre", 40, &towns, |_, f| f.tags = IN_THE_HALL);
    m.spread("public_cemetery", 20, &class(&towns, b'1'), |n, f| {
        if n == 3 {
            f.nowhere();
        }
    });
    m.spread("columbarium", 6, &towns, as_is);
    m.spread("funeral_home", 5, &counties, as_is);
    m.spread("social_work_station", 20, &towns, |n, f| {
        if n < 2 {
            f.nowhere();
        }
    });
    m.spread("embedded_centre", 6, &urban, as_is);
    m.spread("day_care", 12, &urban, as_is);
    m.spread("minor_protection_station", 10, &towns, as_is);
    m.spread("mental_rehab_site", 6, &streets, as_is);
    let city = m.region("321300");
    for kind in ["assistance_centre", "relief_station", "welfare_centre"] {
        let added = m.add(kind, city);
        if kind == "assistance_centre" {
            added.tags = IN_THE_HALL;
        }
    }

    for (kind, status, count) in [
        ("nursing_home", "closed", 3),
        ("nursing_home", "suspended", 2),
        ("nursing_home", "under_construction", 2),
        ("nursing_home", "planned", 1),
        ("nursing_hospital", "under_construction", 1),
        ("regional_rural_centre", "under_construction", 1),
        ("community_station", "suspended", 8),
        ("community_station", "closed", 4),
        ("street_day_care", "planned", 2),
        ("meal_point", "planned", 6),
        ("meal_point", "suspended", 3),
        ("canteen", "under_construction", 4),
        ("children_care_home", "planned", 2),
        ("commercial_cemetery", "closed", 1),
    ] {
        m.spread(kind, count, &streets, |n, f| {
            f.not_working(status);
            if status == "planned" && n == 0 {
                f.nowhere();
            }
        });
    }
}

fn liaocheng(m: &mut Maker) {
    let (counties, towns, villages) = (m.level("county"), m.level("town"), m.level("village"));
    let city = m.region("371500");

    // 80 + 60 + 48 = 188 nursing beds built in 2024, up to the end of April, of which the report speaks.
    m.spread("nursing_home", 40, &towns, |n, f| match n {
        5 | 18 | 31 => {
            let (total, nursing, day) =
                [(120, 80, "2024-03-18"), (96, 60, "2024-04-09"), (80, 48, "2024-04-22")][n / 13];
            (f.beds_total, f.beds_nursing, f.beds_occupied) = (Some(total), Some(nursing), Some(nursing / 2));
            f.built_on = day.into();
            f.opened_on = format!("2024-{:02}-01", 6 + n / 13);
            if n == 31 {
                f.status = "trial";
            }
        }
        _ => {
            if n % 3 == 0 {
                f.rate("gb37276", 2 + n as u32 % 4, if n % 2 == 0 { recent(f) } else { long_ago(f) }, 3);
            }
            let year: u32 = f.opened_on[..4].parse().unwrap_or(2010);
            f.built_on = format!("{}{}", year - 1, &f.opened_on[4..]);
        }
    });
    m.spread("nursing_hospital", 6, &towns, as_is);
    m.spread("regional_rural_centre", 4, &towns, as_is);

    m.spread("canteen", 46, &villages, |n, f| {
        f.built_on = format!("2024-{:02}-{:02}", 1 + n % 4, 3 + n % 25);
        f.opened_on = format!("2024-{:02}-{:02}", 6 + n % 6, 1 + n % 28);
        if n % 8 == 3 {
            f.not_working("built");
        }
    });
    m.spread("canteen", 56, &villages, |n, f| {
        f.not_working(if n % 2 == 0 { "planned" } else { "under_construction" });
        if n % 14 == 0 {
            f.nowhere();
        }
    });
    m.spread("canteen", 30, &class(&villages, b'0'), |_, f| f.built_on = format!("{}-01-10", &f.opened_on[..4]));
    m.spread("meal_point", 20, &class(&villages, b'1'), as_is);

    m.spread("public_cemetery", 4, &towns, |_, f| f.tags = "生态安葬试点");
    m.spread("columbarium", 2, &towns, |_, f| f.tags = "生态安葬试点");
    m.spread("public_cemetery", 10, &towns[7..], as_is);
    let charities: Vec<_> =
        [city].into_iter().chain(counties.clone()).chain(towns.clone()).chain(villages[..5].to_vec()).collect();
    m.spread("charity_site", 75, &charities, |n, f| {
        if n % 8 == 2 && n < 70 {
            f.opened_on = format!("2024-{:02}-{:02}", 1 + n / 8 % 4, 3 + n % 25);
        }
    });
    m.add("relief_station", city);
    let second = m.add("welfare_centre", city);
    second.not_working("under_construction");
    second.named("聊城市社会福利服务中心二期");
    second.tags = "预计建成:2024-06-30";

    m.spread("street_day_care", 5, &class(&towns, b'0'), as_is);
    m.spread("day_care", 20, &class(&villages, b'0'), as_is);
    m.spread("community_centre", 12, &towns, as_is);
    m.spread("community_station", 40, &villages, as_is);
    m.spread("elder_support_station", 6, &villages, as_is);
    m.spread("assistance_centre", 8, &counties, as_is);
    m.spread("funeral_home", 8, &counties, as_is);
    m.spread("nursing_home", 2, &towns[20..], |_, f| f.not_working("closed"));
}

fn xuecheng(m: &mut Maker) {
    let (towns, villages) = (m.level("town"), m.level("village"));
    let unit = |name: &str| *villages.iter().find(|v| v.name == name).expect("a named village");

    m.spread("nursing_home", 12, &towns, |n, f| {
        f.rate("city_star", [4, 3, 5, 2, 3, 1, 2, 4, 3, 2, 1, 3][n], rated_for_report(f, "2022"), 7);
        if n == 0 {
            f.named("亲和源康养中心");
            f.tags = "省级康养品牌";
        }
    });
    m.spread("nursing_home", 3, &towns[3..], |n, f| f.rate("city_star", 1 + n as u32, long_ago(f), 3));
    m.spread("nursing_home", 1, &towns[5..], |_, f| f.rate("gb37276", 4, long_ago(f), 3));
    m.spread("nursing_home", 2, &towns[6..], as_is);
    m.spread("nursing_home", 1, &towns[8..], |_, f| f.not_working("closed"));
    m.spread("nursing_hospital", 2, &towns, as_is);
    for (kind, count) in [("canteen", 9), ("meal_point", 6)] {
        m.spread(kind, count, &villages, |_, f| f.opened_on = Dice::new(&f.code).day(2023, 2023));
        m.spread(kind, 5, &villages[20..], as_is);
    }
    let day_care = m.add("day_care", m.region("370403006"));
    day_care.named("碧桂园小区社区日间照料中心");
    day_care.opened_on = "2023-05-18".into();
    let embedded = m.add("embedded_centre", unit("西小社区"));
    embedded.named("西小社区嵌入式养老服务中心");
    embedded.tags = "省级现代服务项目";
    embedded.opened_on = "2023-09-06".into();
    for (village, name) in [("张庄村", "张庄村村级社会救助站"), ("高楼村", "高楼村村级社会救助站")]
    {
        m.add("village_relief_station", unit(village)).named(name);
    }
    m.add("funeral_home", m.region("370403"));
    // Only the one that the report names opened in 2023.
    m.spread("day_care", 6, &class(&villages, b'0'), |_, f| f.opened_on = Dice::new(&f.code).day(2016, 2022));
    m.spread("community_station", 24, &villages, as_is);
    m.spread("assistance_centre", 10, &towns, as_is);
    m.spread("public_cemetery", 3, &class(&towns, b'1'), as_is);
    m.spread("neighbour_point", 8, &villages, |n, f| {
        if n == 0 {
            f.nowhere();
        }
    });
}

fn dantu(m: &mut Maker) {
    let (towns, villages) = (m.level("town"), m.level("village"));
    m.add("concentrated_care_centre", m.region("321112001")).ownership = "公建民营";
    m.spread("regional_rural_centre", 2, &class(&towns, b'1'), |_, f| f.ownership = "公建民营");
    m.spread("community_centre", 20, &villages, |n, f| match n {
        0 => {
            f.rate("community_a", 3, rated_for_report(f, "2022"), 7);
            f.tags = "示范点";
        }
        1..=8 => {
            f.rate("community_a", 2, rated_for_report(f, "2022"), 7);
            f.tags = "示范点";
        }
        9..=11 => f.rate("community_a", 1, recent(f), 3),
        12 | 13 => f.rate("community_a", n as u32 - 10, long_ago(f), 3),
        _ => {}
    });
    m.spread("children_care_home", 5, &towns, as_is);
    m.spread("nursing_home", 8, &towns, |n, f| {
        if n % 3 == 0 {
            f.rate("gb37276", 2 + n as u32 % 3, recent(f), 3);
        }
    });
    m.spread("nursing_home", 1, &towns[4..], |_, f| f.not_working("suspended"));
    m.spread("community_station", 25, &villages, as_is);
    m.spread("canteen", 6, &towns, as_is);
    m.spread("meal_point", 10, &villages, as_is);
    m.spread("public_cemetery", 3, &class(&towns, b'1'), as_is);
    m.spread("social_work_station", 8, &towns, as_is);
    m.spread("community_building", 3, &villages, |_, f| f.tags = "提升:2022");
}

fn anonymous(m: &mut Maker) {
    let (towns, villages) = (m.level("town"), m.level("village"));
    let urban = class(&villages, b'0');
    m.spread("canteen", 6, &urban, |_, f| f.opened_on = Dice::new(&f.code).day(2023, 2023));
    m.spread("meal_point", 14, &villages, |_, f| f.opened_on = Dice::new(&f.code).day(2023, 2023));
    m.spread("mutual_aid_society", 75, &villages, as_is);
    m.spread("charity_site", 5, &towns, as_is);
    m.spread("mental_rehab_site", 4, &urban, as_is);
    m.spread("minor_protection_station", 2, &towns, |_, f| f.not_working("under_construction"));
    m.spread("elder_support_station", 3, &class(&villages, b'2'), |_, f| f.not_working("planned"));
    m.spread("community_building", 11, &urban, |n, f| {
        f.tags = if n < 5 { "列入完善;已改善" } else { "列入完善" };
    });
    // Where the oversized graves of the report were found.
    m.spread("public_cemetery", 2, &villages, as_is);
}
