//! Tests of fields.

use serde_json::json;

use super::*;
use crate::care::draft::FacilityDraft;

fn facility() -> Facility {
    let draft = FacilityDraft { name: "示例养老院".into(), kind: "nursing_home".into(), ..Default::default() };
    Facility {
        price: Some(Box::new(Price { min: Some(1000.0), max: None, unit: "month".into() })),
        ..draft.create(Default::default())
    }
}

fn wish(wishes: Value) -> Result<Facility, Vec<FieldFault>> {
    with(&facility(), wishes.as_object().expect("an object"), &crate::care::Vocabulary::default())
}

#[test]
fn every_field_goes_out_and_comes_back_as_it_was() {
    let whole = Facility {
        phone: Some("0527-5555-0101".into()),
        hours: Some("24/7".into()),
        place: Some(Place::from_datum(Datum::Gcj02, 118.27, 33.96)),
        services: vec!["失能".into()],
        opened_on: NaiveDate::from_ymd_opt(2024, 2, 29),
        staff: Some(Box::new(crate::care::Staff {
            caregivers: Some(12),
            certified: Some(9),
            as_of: NaiveDate::default(),
        })),
        ..facility()
    };
    for field in FIELDS.iter().filter(|field| field.name != "kind") {
        let wishes = Wishes::from_iter([(field.name.to_owned(), value(&whole, field.name))]);
        let other = with(&facility(), &wishes, &Vocabulary::default()).expect("its own value");
        assert_eq!(value(&other, field.name), value(&whole, field.name), "{}", field.name);
    }
}

#[test]
fn a_field_that_is_not_named_is_kept_and_null_forgets() {
    let next = wish(json!({"phone": "12345"})).expect("a phone");
    assert_eq!((next.phone.as_deref(), &next.price), (Some("12345"), &facility().price));
    assert_eq!(wish(json!({"price": null})).expect("none").price, None);
    let next = wish(json!({"price": {"max": 1800}})).expect("a price").price.expect("held");
    assert_eq!((next.min, next.max, &*next.unit), (Some(1000.0), Some(1800.0), "month"));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let faults = wish(json!({"name": "", "hours": "nine to five", "price": {"min": 9, "max": 1}, "phnoe": "1",
                             "place": {"lon": 200, "lat": 1, "datum": "wgs84"}, "opened_on": "2024-02-30"}));
    let faults = faults.expect_err("six faults");
    assert_eq!(faults.len(), 6, "{faults:?}");
    assert!(faults.iter().any(|fault| fault.detail.contains("\"phone\"")));
}

#[test]
fn a_name_of_a_sum_and_a_code_that_is_none_are_refused_with_a_sentence() {
    for name in ["合计", "小计", "总计", "合计：", "合 计"] {
        let faults = wish(json!({"name": name})).expect_err(name);
        assert!(faults[0].detail.contains("names the sum"), "{faults:?}");
    }
    assert!(wish(json!({"name": "会计社区养老院"})).is_ok());
    for code in ["#N/A", "#REF!", "########", "-", "—", "/", "无", "null", "NaN", "none"] {
        for field in ["code", "region"] {
            let faults = wish(json!({ field: code })).expect_err(code);
            assert!(faults[0].detail.contains("is no code"), "{faults:?}");
        }
    }
    assert_eq!(wish(json!({"code": "=00123"})).expect("a code").code.as_deref(), Some("00123"));
    assert_eq!(wish(json!({"code": "NH–2"})).expect("a code").code.as_deref(), Some("NH-2"));
}
