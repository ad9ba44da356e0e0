//! Texts of a field as they are told in JSON, read by the same rules as the cells of a file.

use serde_json::Value;

use super::fields::{text, texts};
use super::{Text, limits};

/// Texts as a file has them, with `;` between: one that holds a `;` is two, and each stands once.
pub(super) fn list(name: &str, wish: &Value) -> Result<Vec<Text>, String> {
    let mut items: Vec<Text> = Vec::new();
    for told in texts(wish)? {
        for item in told.split([';', '；']).map(str::trim).filter(|item| !item.is_empty()) {
            if !items.iter().any(|held| **held == *item) {
                items.push(item.into());
            }
        }
    }
    limits::of(name).check_count(items.len()).map_err(|fault| format!("{name} has {fault}"))?;
    Ok(items)
}

/// A phone is text. Only one thing is sure to be wrong, as in a file: a number that a spreadsheet has rounded.
pub(super) fn phone(wish: &Value) -> Result<Option<Text>, String> {
    let phone = text(wish)?;
    match phone.as_deref() {
        Some(told) if told.contains(['E', 'e']) && told.parse::<f64>().is_ok_and(f64::is_finite) => {
            Err(format!("\"{told}\" is a rounded number; tell the phone number as text, with all its digits"))
        }
        _ => Ok(phone),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_told_in_json_is_the_list_that_its_cell_would_be() {
        let told = list("tags", &json!(["助餐;助浴", " 助餐 ", "康复；", ""])).expect("a list");
        assert_eq!(told.iter().map(|tag| &**tag).collect::<Vec<_>>(), ["助餐", "助浴", "康复"]);
        assert!(list("tags", &json!([vec!["x"; 60].join(";"), "y"])).is_ok(), "one tag and another");
        let many = (0..51).map(|at| at.to_string()).collect::<Vec<_>>().join(";");
        assert!(list("tags", &json!([many])).expect_err("too many").contains("at most 50"));
    }

    #[test]
    fn a_number_that_a_spreadsheet_has_rounded_is_no_phone() {
        assert!(phone(&json!("1.38E+10")).expect_err("refused").contains("rounded"));
        for good in ["13800000000", "请打前台", "0527-55550101转802", "Tel 5555"] {
            assert_eq!(phone(&json!(good)).expect("a phone").as_deref(), Some(good));
        }
    }
}
