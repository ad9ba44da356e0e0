//! Licences and the menu in a row of a facility. The parts of licences stand in five columns, with `;` between licences;
//! the menu stands in one, a meal as `2026-11-25|lunch|12|红烧肉+青菜` (day, meal, price, dishes) with `;` between meals.

use serde_json::{Map, Value, json};

use super::Findings;
use super::cell::{Cell, fold};
use super::formula::escape;
use crate::care::{Licence, Meal, Vocabulary, dossier, limits};

/// The columns of licences, and the member of a licence that each holds.
const LICENCE_COLUMNS: [(&str, &str); 5] = [
    ("licence_type", "type"),
    ("licence_number", "number"),
    ("licence_issuer", "issuer"),
    ("licence_valid_from", "valid_from"),
    ("licence_valid_until", "valid_until"),
];

/// The parts of a meal, in their order.
const MEAL_PARTS: [&str; 4] = ["day", "meal", "price", "dishes"];

pub fn of_licence(column: &str) -> bool {
    LICENCE_COLUMNS.iter().any(|(held, _)| *held == column)
}

/// The cells of a row that tell of licences and the menu.
#[derive(Default)]
pub struct Cells<'a> {
    licences: [Option<Cell<'a>>; LICENCE_COLUMNS.len()],
    menu: Option<Cell<'a>>,
}

impl<'a> Cells<'a> {
    /// Keeps the cell if it is one of these, else gives it back.
    pub fn keep(&mut self, cell: Cell<'a>) -> Option<Cell<'a>> {
        match LICENCE_COLUMNS.iter().position(|(column, _)| *column == cell.column) {
            Some(at) => self.licences[at] = Some(cell),
            None if cell.column == "menu" => self.menu = Some(cell),
            None => return Some(cell),
        }
        None
    }

    /// All licences of the row; `None` where it tells of none.
    pub fn licences(&self, vocabulary: &Vocabulary, findings: &mut Findings) -> Option<Vec<Licence>> {
        let Some(types) = &self.licences[0] else {
            if let Some(cell) = self.licences.iter().flatten().next() {
                let expected = "the type of each licence, such as food";
                let empty = Cell::new(cell.row, "licence_type", "");
                findings.error(&empty, "missing_value", "a licence without type", expected);
            }
            return None;
        };
        let count = types.text.split(';').count();
        let mut told = vec![Map::new(); count];
        let errors = findings.errors();
        for (cell, (_, member)) in self.licences.iter().zip(LICENCE_COLUMNS) {
            let Some(cell) = cell else { continue };
            let parts: Vec<&str> = cell.text.split(';').map(str::trim).collect();
            if parts.len() != count {
                let expected = format!("{count} with ; between them, as in licence_type");
                findings.error(cell, "licence_parts", format!("{} values", parts.len()), expected);
                continue;
            }
            for (licence, text) in told.iter_mut().zip(parts).filter(|(_, text)| !text.is_empty()) {
                let part = Cell::new(cell.row, cell.column, text);
                let value = match member {
                    "type" => json!(code_of(&part, vocabulary)),
                    "valid_from" | "valid_until" => json!(part.date(findings)),
                    "number" => json!(part.code(limits::of("licence_number").characters, findings)),
                    _ => json!(part.line(findings)),
                };
                licence.insert(member.to_owned(), value);
            }
        }
        if findings.errors() > errors {
            return None;
        }
        match dossier::licences(&json!(told), vocabulary) {
            Ok(licences) => Some(licences),
            Err(why) => {
                findings.error(types, "licence", why, "");
                None
            }
        }
    }

    /// The whole menu of the row; `None` where it tells none.
    pub fn menu(&self, findings: &mut Findings) -> Option<Vec<Meal>> {
        let cell = self.menu.as_ref()?;
        let errors = findings.errors();
        let mut meals = Vec::new();
        for told in cell.text.split(';').map(str::trim).filter(|told| !told.is_empty()) {
            let parts: Vec<&str> = told.split('|').map(str::trim).collect();
            let [day, meal, price, dishes] = parts[..] else {
                let expected = "day, meal, price and dishes with | between them: 2026-11-25|lunch|12|红烧肉+青菜";
                findings.error(&Cell::new(cell.row, cell.column, told), "meal", "not the parts of a meal", expected);
                continue;
            };
            let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let part = |text| Cell::new(cell.row, cell.column, text);
            let dishes: Vec<&str> = dishes.split('+').map(str::trim).filter(|dish| !dish.is_empty()).collect();
            meals.push(json!({
                "day": given(day).and_then(|day| part(day).date(findings)),
                "meal": given(&fold(meal)),
                "price": given(price).and_then(|price| part(price).amount(findings)),
                "dishes": dishes,
            }));
        }
        if findings.errors() > errors {
            return None;
        }
        match dossier::menu(&json!(meals)) {
            Ok(menu) => Some(menu),
            Err(why) => {
                findings.error(cell, "meal", why, "");
                None
            }
        }
    }
}

/// The code of a type of licence that is written as code or by its Chinese name; else what is written.
fn code_of(cell: &Cell<'_>, vocabulary: &Vocabulary) -> String {
    let written = fold(&cell.text);
    let named = vocabulary.licence_types.iter().find(|term| *term.name_zh == *written);
    named.map_or(written, |term| term.code.to_string())
}

/// One cell for a part of all licences; empty where none has this part.
pub fn licence_cell(licences: &[Licence], column: &str) -> String {
    let member = LICENCE_COLUMNS.iter().find(|(held, _)| *held == column).map_or("", |(_, member)| member);
    let parts: Vec<String> = licences.iter().map(|licence| plain(&json!(licence)[member])).collect();
    if parts.iter().all(String::is_empty) { String::new() } else { parts.join(";") }
}

/// The menu as one cell. The signs that part a cell are written wide within a dish.
pub fn menu_cell(menu: &[Meal]) -> String {
    menu.iter().map(|meal| meal_text(&json!(meal))).collect::<Vec<_>>().join(";")
}

fn meal_text(meal: &Value) -> String {
    let part = |name: &&str| match &meal[*name] {
        Value::Array(dishes) => {
            dishes.iter().map(|dish| plain(dish).replace('|', "｜").replace('+', "＋")).collect::<Vec<_>>().join("+")
        }
        other => plain(other),
    };
    MEAL_PARTS.iter().map(part).collect::<Vec<_>>().join("|")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.replace(';', "；"),
        other => other.to_string(),
    }
}

/// The lists of an answer's Feature laid flat: columns and cells as a sheet has them. `None` where they are no objects.
pub(super) fn flat(name: &str, told: &Value) -> Option<Vec<(String, String)>> {
    let items = told.as_array().filter(|items| items.iter().all(Value::is_object))?;
    let cells: Vec<(&str, String)> = match name {
        "menu" => vec![("menu", items.iter().map(meal_text).collect::<Vec<_>>().join(";"))],
        _ => {
            let cell = |member: &str| items.iter().map(|item| plain(&item[member])).collect::<Vec<_>>().join(";");
            LICENCE_COLUMNS.iter().map(|(column, member)| (*column, cell(member))).collect()
        }
    };
    let told = cells.into_iter().filter(|(_, text)| text.chars().any(|sign| sign != ';'));
    Some(told.map(|(column, text)| (column.to_owned(), escape(&text).into_owned())).collect())
}
