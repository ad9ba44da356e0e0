//! Kept rows: targets, programme figures and claims, told field by field, alike in a file, in JSON and on a form.

use chrono::NaiveDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::clean::clean_text;
use super::fields::FieldFault;
use super::kind::nearest_word;
use super::{Entity, Text, Vocabulary, limits};

/// What may stand in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// One line of at most so many characters.
    Text(usize),
    /// A calendar year.
    Year,
    /// A finite number from 0, in the unit of the row.
    Number,
    /// `YYYY-MM-DD`.
    Date,
    Flag,
    /// One of these.
    Word(&'static [&'static str]),
}

/// One field of such a row.
#[derive(Debug, PartialEq, Eq)]
pub struct KeptField {
    pub name: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub sort: Sort,
    pub required: bool,
}

impl KeptField {
    pub const fn needed(name: &'static str, zh: &'static str, en: &'static str, sort: Sort) -> KeptField {
        KeptField { name, zh, en, sort, required: true }
    }

    pub const fn free(name: &'static str, zh: &'static str, en: &'static str, sort: Sort) -> KeptField {
        KeptField { name, zh, en, sort, required: false }
    }
}

/// Fields and their values as they were told; null says that a value is not known.
pub type Given = Map<String, Value>;

/// A row that a bureau keeps beside the facilities. Its members are its fields, its id and its version.
pub trait Kept: Serialize + DeserializeOwned + Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    const ENTITY: Entity;
    const FIELDS: &'static [KeptField];
    /// The fields by which a row of a file is known again.
    const KEY: &'static [&'static str];

    fn id(&self) -> Uuid;
    fn version(&self) -> i64;
    fn set_version(&mut self, version: i64);
    fn region(&self) -> &Text;
    /// What is wrong with the row as a whole.
    fn faults(&self, vocabulary: &Vocabulary) -> Vec<FieldFault>;

    /// What a row of a file is matched by.
    fn key(&self) -> Vec<Value> {
        let whole = json!(self);
        Self::KEY.iter().map(|name| whole.get(*name).cloned().unwrap_or(Value::Null)).collect()
    }
}

fn fault(field: &str, detail: impl Into<String>) -> FieldFault {
    FieldFault { field: field.to_owned(), detail: detail.into() }
}

/// The row with these fields as they were told: a new one where there is none before. All that is wrong is told at once.
pub fn with<T: Kept>(before: Option<&T>, given: &Given, vocabulary: &Vocabulary) -> Result<T, Vec<FieldFault>> {
    let mut members = match before.map(|row| json!(row)) {
        Some(Value::Object(members)) => members,
        _ => Map::from_iter([
            ("id".to_owned(), json!(Uuid::now_v7())),
            ("version".to_owned(), json!(1)),
            ("demo".to_owned(), json!(false)),
        ]),
    };
    let mut faults = Vec::new();
    for (name, value) in given {
        match T::FIELDS.iter().find(|field| field.name == name) {
            None => {
                let near = nearest_word(name, T::FIELDS.iter().map(|field| field.name));
                let near = near.map_or_else(String::new, |near| format!("; is it \"{near}\"?"));
                faults.push(fault(name, format!("no such field{near}")));
            }
            Some(field) if value.is_null() && field.required => faults.push(fault(name, "is required")),
            Some(field) if value.is_null() && field.sort == Sort::Flag => {
                drop(members.insert(name.clone(), json!(false)))
            }
            Some(_) if value.is_null() => drop(members.remove(name)),
            Some(field) => match sound(field.sort, value) {
                Ok(value) => drop(members.insert(name.clone(), value)),
                Err(expected) => faults.push(fault(name, format!("{} is not {expected}", shortened(value)))),
            },
        }
    }
    for field in T::FIELDS.iter().filter(|field| field.required && !members.contains_key(field.name)) {
        if !faults.iter().any(|fault| fault.field == field.name) {
            faults.push(fault(field.name, "is required"));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let row: T = serde_json::from_value(Value::Object(members)).map_err(|error| vec![fault("", error.to_string())])?;
    let faults = row.faults(vocabulary);
    if faults.is_empty() { Ok(row) } else { Err(faults) }
}

/// The row after a file has told these fields of it again; fields were checked when the file was read. A row that changes has
/// the next version.
pub fn told_again<T: Kept>(before: &T, given: &Given) -> Result<T, String> {
    let mut whole = json!(before);
    if let Some(members) = whole.as_object_mut() {
        members.extend(given.clone());
    }
    let mut after: T = serde_json::from_value(whole).map_err(|error| error.to_string())?;
    if after != *before {
        after.set_version(before.version() + 1);
    }
    Ok(after)
}

/// A value as a fault shows it: a long text by its length.
fn shortened(value: &Value) -> String {
    match value.as_str().map(|text| text.chars().count()) {
        Some(held) if held > 80 => format!("a text of {held} characters"),
        _ => value.to_string(),
    }
}

/// The value as it is kept, or what it should have been.
fn sound(sort: Sort, value: &Value) -> Result<Value, String> {
    match (sort, value) {
        (Sort::Text(longest), Value::String(text)) => {
            let text = clean_text(text);
            let fits = !text.is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control);
            fits.then(|| json!(text)).ok_or_else(|| format!("a line of 1 to {longest} characters"))
        }
        (Sort::Text(longest), _) => Err(format!("a line of 1 to {longest} characters")),
        (Sort::Year, value) => {
            let year = value.as_i64().filter(|year| (1949..=2199).contains(year));
            year.map(|year| json!(year)).ok_or_else(|| "a year from 1949 to 2199".to_owned())
        }
        (Sort::Number, value) => {
            let number = value.as_f64().filter(|number| (0.0..=1e15).contains(number));
            number.map(|number| json!(number)).ok_or_else(|| "a number from 0 to 1e15".to_owned())
        }
        (Sort::Date, value) => {
            let day = value.as_str().and_then(limits::day);
            day.map(|day| json!(day)).ok_or_else(|| "a day, such as 2024-06-30".to_owned())
        }
        (Sort::Flag, Value::Bool(flag)) => Ok(json!(flag)),
        (Sort::Flag, _) => Err("true or false".to_owned()),
        (Sort::Word(words), value) => {
            let word = value.as_str().filter(|word| words.contains(word));
            word.map(|word| json!(word)).ok_or_else(|| format!("one of {}", words.join(", ")))
        }
    }
}

/// The faults of a period whose end lies before its beginning.
pub(super) fn period_faults(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Vec<FieldFault> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => vec![fault("period_to", format!("lies before period_from, {from}"))],
        _ => Vec::new(),
    }
}

/// Whether a text is a code: small letters, digits and `_`.
pub(super) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
