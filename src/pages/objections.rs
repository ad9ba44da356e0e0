//! Objections: what is wrong with a menu, licences or an inspection as they were typed, in the reader's language, with the
//! remedy. The rules themselves stand in `care`; here they are said before it comes to them.

use chrono::NaiveDate;

use super::dossier::{licence_type, meal_time};
use super::keeping::Typed;
use super::{inspections, licences, menu};
use crate::atlas::Atlas;
use crate::http::Lang;

/// What was typed there as a day; `Err` where it is none.
fn day(lang: Lang, typed: &Typed, name: &str) -> Result<Option<NaiveDate>, String> {
    let Some(text) = typed.get(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| match lang {
        Lang::Zh => format!("“{text}”不是日期：请写成 2026-11-22 这样。"),
        Lang::En => format!("\"{text}\" is no day; write it such as 2026-11-22."),
    })
}

/// All of them as one text; `None` where there are none.
fn together(wrong: Vec<String>) -> Option<String> {
    (!wrong.is_empty()).then(|| wrong.join(" "))
}

pub fn of_menu(lang: Lang, typed: &Typed) -> Option<String> {
    let mut wrong = Vec::new();
    for meal in menu::MEALS {
        let get = |part: &str| typed.get(&format!("{part}_{}", menu::code(meal)));
        let (name, price) = (meal_time(lang, meal), get("price"));
        if price.is_some() && get("dishes").is_none_or(|dishes| menu::dishes(dishes).is_empty()) {
            wrong.push(match lang {
                Lang::Zh => format!("{name}填了价格，没有填菜：请填菜，或把价格清空。"),
                Lang::En => format!("{name}: a price without a dish. Tell a dish, or empty the price."),
            });
        }
        if let Some(text) = price
            && !text.parse::<f64>().is_ok_and(|price| (0.0..1e6).contains(&price))
        {
            wrong.push(match lang {
                Lang::Zh => format!("“{text}”不是价格：请只填数字，例如 12。"),
                Lang::En => format!("\"{text}\" is no price; a number such as 12 is."),
            });
        }
    }
    together(wrong)
}

pub fn of_licences(atlas: &Atlas, lang: Lang, typed: &Typed) -> Option<String> {
    let (mut wrong, mut seen) = (Vec::new(), Vec::new());
    for at in 0..licences::ROWS {
        let name = |part: &str| format!("{part}_{at}");
        let get = |part: &str| typed.get(&name(part));
        if get("remove").is_some() {
            continue;
        }
        let Some(code) = get("type") else {
            if ["number", "issuer", "valid_from", "valid_until"].iter().any(|part| get(part).is_some()) {
                wrong.push(match lang {
                    Lang::Zh => format!("第 {} 项没有选是哪一种证照。", at + 1),
                    Lang::En => format!("Number {}: choose which licence it is.", at + 1),
                });
            }
            continue;
        };
        let of = licence_type(atlas, lang, code);
        match (day(lang, typed, &name("valid_from")), day(lang, typed, &name("valid_until"))) {
            (Ok(Some(from)), Ok(Some(until))) if until < from => wrong.push(match lang {
                Lang::Zh => format!("{of}：有效期的最后一天在第一天之前，请改正。"),
                Lang::En => format!("{of}: its last day is before its first; correct them."),
            }),
            (from, until) => wrong.extend([from.err(), until.err()].into_iter().flatten()),
        }
        if seen.contains(&(code, get("number"))) {
            wrong.push(match lang {
                Lang::Zh => format!("{of}：同一个编号填了两遍，请去掉一项。"),
                Lang::En => format!("{of}: it is told twice under the same number; take one away."),
            });
        }
        seen.push((code, get("number")));
    }
    together(wrong)
}

pub fn of_inspection(lang: Lang, typed: &Typed, today: NaiveDate) -> Option<String> {
    let mut wrong = Vec::new();
    let mut object = |zh: String, en: String| wrong.push(if lang == Lang::Zh { zh } else { en });
    let on = match day(lang, typed, "inspected_on") {
        Ok(Some(day)) if day > today => {
            object("检查日期在今天之后，请改正。".to_owned(), "The day of inspection lies in the future.".to_owned());
            None
        }
        Ok(Some(day)) => Some(day),
        Ok(None) => {
            object("请填检查日期。".to_owned(), "On which day was it?".to_owned());
            None
        }
        Err(said) => {
            object(said.clone(), said);
            None
        }
    };
    let mut found = 0;
    for at in 0..inspections::ROWS {
        let get = |part: &str| typed.get(&format!("{part}_{at}"));
        let (category, detail, due) = (get("category"), get("detail"), day(lang, typed, &format!("due_on_{at}")));
        if category.is_none() && detail.is_none() && due == Ok(None) {
            continue;
        }
        found += 1;
        let at = at + 1;
        if category.is_none() {
            object(format!("第 {at} 个问题没有写是哪方面的。"), format!("Finding {at}: say what it is about."));
        }
        if detail.is_none() {
            object(format!("第 {at} 个问题没有写发现了什么。"), format!("Finding {at}: say what was found."));
        }
        match due {
            Ok(Some(due)) if on.is_some_and(|on| due < on) => object(
                format!("第 {at} 个问题的整改期限在检查日期之前，请改正。"),
                format!("Finding {at}: it is due before the inspection."),
            ),
            Err(said) => object(said.clone(), said),
            _ => {}
        }
    }
    match typed.get("result") {
        None => object("请选检查结果。".to_owned(), "Choose the result.".to_owned()),
        Some("passed") if found > 0 => object(
            "写了问题，结果就不是“合格”：请选“基本合格，有问题”或“不合格”。".to_owned(),
            "Something was found, so the result is passed with findings, or failed.".to_owned(),
        ),
        Some("passed_with_findings") if found == 0 => object(
            "结果是“基本合格，有问题”：请写出问题。".to_owned(),
            "It passed with findings: say what was found.".to_owned(),
        ),
        Some(_) => {}
    }
    together(wrong)
}

/// Of the word that a finding was put right. `inspected_on`: of its inspection.
pub fn of_rectification(lang: Lang, tick: &Typed, inspected_on: NaiveDate, today: NaiveDate) -> Option<String> {
    match day(lang, tick, "rectified_on") {
        Err(said) => Some(said),
        Ok(Some(day)) if day > today => {
            Some(lang.say("整改日期在今天之后，请改正。", "The day lies in the future.").to_owned())
        }
        Ok(Some(day)) if day < inspected_on => {
            Some(lang.say("整改日期在检查日期之前，请改正。", "The day lies before the inspection.").to_owned())
        }
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::atlas::sample;
    use crate::care::fields::Wishes;
    use crate::care::{Inspection, Vocabulary, dossier};
    use crate::http::Parameters;

    fn typed(body: &str) -> Typed {
        let names: Vec<String> = body.split('&').filter_map(|pair| Some(pair.split_once('=')?.0.to_owned())).collect();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        Typed::read(&mut Parameters::of_body(body.as_bytes(), &known), &names)
    }

    #[test]
    fn what_the_rules_refuse_is_refused_in_chinese_first_and_nothing_typed_is_dropped_in_silence() {
        let atlas = sample::atlas(0, 3);
        let today: NaiveDate = "2026-11-25".parse().expect("a day");
        let menu = |body: &str| of_menu(Lang::Zh, &typed(body));
        let licences = |body: &str| of_licences(&atlas, Lang::Zh, &typed(body));
        let seen = |body: &str| of_inspection(Lang::Zh, &typed(body), today);
        for wrong in [
            menu("dishes_lunch=饭&price_lunch=很贵"),
            menu("price_lunch=12"),
            licences("number_0=7"),
            licences("type_0=fire&valid_from_0=2026-02-01&valid_until_0=2026-01-01"),
            licences("type_0=fire&number_0=7&type_1=fire&number_1=7"),
            licences("type_0=fire&valid_until_0=明年"),
            seen("inspected_on=2026-11-01"),
            seen("inspected_on=2026-11-26&result=passed"),
            seen("inspected_on=2026-11-01&result=passed&category_0=用电&detail_0=插座"),
            seen("inspected_on=2026-11-01&result=passed_with_findings"),
            seen("inspected_on=2026-11-01&result=failed&detail_0=插座"),
            seen("inspected_on=2026-11-01&result=failed&due_on_0=2026-12-01"),
            seen("inspected_on=2026-11-01&result=failed&category_0=电&detail_0=座&due_on_0=2026-10-01"),
            of_rectification(Lang::Zh, &typed("rectified_on=2026-11-26"), today, today),
            of_rectification(Lang::Zh, &typed("rectified_on=2026-10-26"), today, today),
        ] {
            let said = wrong.expect("an objection");
            assert!(!said.contains(|c: char| c.is_ascii_alphabetic() && !"fire".contains(c)), "{said}");
        }
        assert_eq!(menu("dishes_lunch=饭&price_lunch=12.5"), None);
        assert_eq!(licences("type_0=fire&valid_until_0=2026-01-01&number_1=7&remove_1=1"), None);
        assert_eq!(seen("inspected_on=2026-11-25&result=failed&category_0=电&detail_0=座&due_on_0=2026-11-25"), None);
    }

    /// The rules of `care` are the oracle: what has no objection here is taken there.
    #[test]
    fn what_is_not_objected_to_is_taken_by_the_rules() {
        let words = Vocabulary::default().with_types(Vec::new(), vec![crate::care::Term::of("safety", 1)]);
        let today: NaiveDate = "2026-11-25".parse().expect("a day");
        for result in ["", "passed", "passed_with_findings", "failed"] {
            for on in ["", "2026-11-01", "2026-11-25", "2026-11-26"] {
                for finding in ["", "category_0=电", "detail_0=座", "category_0=电&detail_0=座&severity_0=minor"] {
                    for due in ["", "2026-10-01", "2026-12-01"] {
                        let body = format!("type=safety&result={result}&inspected_on={on}&due_on_0={due}&{finding}");
                        let typed = typed(&body);
                        let objected = of_inspection(Lang::En, &typed, today).is_some();
                        let told: Wishes = inspections::told(&typed);
                        let refused = Inspection::of(Uuid::nil(), &told, &words, today).is_err();
                        // What the rules never see, a day without a finding, is objected to here alone.
                        let dropped = finding.is_empty() && !due.is_empty();
                        assert!(objected == refused || dropped && objected, "{body}: {objected} {refused}");
                    }
                }
            }
        }
        let told = json!([{"day": "2026-11-25", "dishes": ["饭"], "price": 12.5}]);
        assert!(dossier::menu(&told).is_ok() && dossier::menu(&Value::Null).is_ok());
    }
}
