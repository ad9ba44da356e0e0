//! Tests of layout.

use super::*;
use crate::care::PeopleGroup;
use crate::exchange::columns::FACILITY_COLUMNS;

fn found(what: Entity, headings: &str) -> Vec<(&'static str, String)> {
    let headings: Vec<String> = headings.split(',').map(str::to_owned).collect();
    let mut findings = Findings::default();
    let group = |code: &str, rank| PeopleGroup {
        code: code.into(),
        name_zh: code.into(),
        name_en: code.into(),
        source: None,
        rank,
    };
    let vocabulary = Vocabulary::default().with_groups(vec![group("living_alone", 1), group("disabled", 2)]);
    let reading = Reading { vocabulary: &vocabulary, datum: crate::care::Datum::Wgs84, profile: None };
    Layout::find(what, &headings, &reading, &mut findings);
    findings.into_sorted().into_iter().map(|f| (f.code, format!("{} {}", f.column, f.expected))).collect()
}

#[test]
fn the_columns_of_the_contract_are_known() {
    let columns = FACILITY_COLUMNS.join(",");
    assert_eq!(found(Entity::Facility, &columns), vec![]);
    assert_eq!(found(Entity::Region, "code,name,level,parent,lon,lat,counts_in_coverage"), vec![]);
    assert_eq!(found(Entity::DemandPoint, "region,lon,lat,total,aged_60,aged_80,as_of"), vec![]);
}

#[test]
fn a_heading_that_is_not_known_names_the_nearest() {
    let found = found(Entity::Facility, "name,kind,bed_total,colour");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].0, "unknown_column");
    assert!(found[0].1.ends_with("perhaps \"beds_total\""), "{}", found[0].1);
}

#[test]
fn a_group_of_people_is_a_column_by_its_code_and_one_that_is_not_known_names_the_nearest() {
    let known = found(Entity::DemandPoint, "region,aged_60,living_alone,group_disabled");
    assert_eq!(known, vec![]);
    for slip in ["group_living_alon", "livng_alone"] {
        let wrong = found(Entity::DemandPoint, &format!("region,total,{slip}"));
        assert_eq!(wrong[0].0, "unknown_column");
        assert!(wrong[0].1.ends_with("perhaps \"living_alone\""), "{}", wrong[0].1);
    }
    assert_eq!(found(Entity::DemandPoint, "region,total,disabled,group_disabled")[0].0, "duplicate_column");
    assert_eq!(found(Entity::Facility, "name,kind,living_alone")[0].0, "unknown_column");
}

#[test]
fn a_row_of_sums_is_known_by_its_name() {
    for text in ["合计", "合 计", "总计：", "小计", "宿城区小计", "合计（12家）", "Total", "Grand Total", "sub-total"]
    {
        assert!(names_sum(text), "{text}");
    }
    for text in ["合计养老院", "示例养老院", "Total Care Home", "321302", "会计社区", "统计局宿舍", ""]
    {
        assert!(!names_sum(text), "{text}");
    }
}

#[test]
fn a_dash_says_nothing_and_a_word_does_where_words_are_not_free() {
    for text in ["-", "/", "——", "无", "未知", "N/A"] {
        assert!(says_nothing("beds_total", text) && says_nothing("phone", text), "{text}");
    }
    assert!(says_nothing("note", "-") && !says_nothing("note", "无") && !says_nothing("beds_total", "0"));
}

#[test]
fn a_missing_or_repeated_heading_is_an_error() {
    assert_eq!(found(Entity::Facility, "name,code")[0].0, "missing_column");
    assert_eq!(found(Entity::Region, "code,name,level,name")[0].0, "duplicate_column");
    assert_eq!(found(Entity::DemandPoint, "region,as_of")[0].0, "missing_column");
    assert_eq!(found(Entity::DemandPoint, "lon,total")[0].1, "region region, or lon and lat");
}
