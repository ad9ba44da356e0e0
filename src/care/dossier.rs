//! The dossier: licences with validity, the menu by day, and staff as of a date; how each is read from what is wished.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::{code, day, text, texts, unknown};
use super::{Facility, Kind, Text, Vocabulary, limits};

/// What is about to end within this many days is said to. By then the holder must have asked for a renewal: thirty days
/// before the end (行政许可法, Administrative Licensing Law of China, article 50).
pub const ENDS_SOON_DAYS: u64 = 30;

/// A menu keeps the days of so many days past; older ones go with the next write.
pub const MENU_KEPT_DAYS: u64 = 7;

/// The measures of places where people eat, and of those where they are cared for.
const MEAL_MEASURES: [&str; 2] = ["meals_per_day", "seats"];
const CARE_MEASURES: [&str; 2] = ["beds", "day_places"];

/// The highest number of staff: beyond this a slip of the pen is certain.
const MOST_STAFF: u64 = 100_000;

/// Whether a rating or a licence stands on a day. Derived, and never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// Its first day is still to come.
    NotYet,
    Valid,
    /// Ends within [`ENDS_SOON_DAYS`] days.
    EndsSoon,
    /// Past its last day.
    Expired,
}

impl Validity {
    /// By its first and its last day, both included; `None` where no last day is known.
    pub fn on(today: NaiveDate, from: Option<NaiveDate>, until: Option<NaiveDate>) -> Option<Validity> {
        if from.is_some_and(|from| today < from) {
            return Some(Validity::NotYet);
        }
        let until = until?;
        Some(match today.checked_add_days(Days::new(ENDS_SOON_DAYS)) {
            _ if until < today => Validity::Expired,
            Some(soon) if until <= soon => Validity::EndsSoon,
            _ => Validity::Valid,
        })
    }
}

/// One licence, permit or registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// A word of the vocabulary: registration, filing, fire, food, medical …
    pub r#type: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
}

impl Licence {
    pub fn validity(&self, today: NaiveDate) -> Option<Validity> {
        Validity::on(today, self.valid_from, self.valid_until)
    }
}

/// When a meal is eaten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MealTime {
    Breakfast,
    Lunch,
    Dinner,
}

impl MealTime {
    pub const ALL: [MealTime; 3] = [MealTime::Breakfast, MealTime::Lunch, MealTime::Dinner];

    pub fn code(self) -> &'static str {
        match self {
            MealTime::Breakfast => "breakfast",
            MealTime::Lunch => "lunch",
            MealTime::Dinner => "dinner",
        }
    }

    pub fn from_code(code: &str) -> Option<MealTime> {
        MealTime::ALL.into_iter().find(|meal| meal.code() == code)
    }
}

/// One meal of the menu.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Meal {
    pub day: NaiveDate,
    /// `None`: the whole day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meal: Option<MealTime>,
    pub dishes: Vec<Text>,
    /// CNY for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
}

/// Who cares for the residents, counted as of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// 护理员.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caregivers: Option<u32>,
    /// Those of them who hold a certificate (持证); never more than `caregivers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified: Option<u32>,
    pub as_of: NaiveDate,
}

impl Staff {
    /// Whether the parts fit the whole.
    pub fn sound(&self) -> bool {
        !matches!((self.certified, self.caregivers), (Some(certified), Some(caregivers)) if certified > caregivers)
    }

    /// certified ÷ caregivers; `None` when either is unknown, or nobody cares.
    pub fn certified_share(&self) -> Option<f64> {
        let caregivers = self.caregivers.filter(|caregivers| *caregivers > 0)?;
        Some(f64::from(self.certified?) / f64::from(caregivers))
    }
}

impl Kind {
    /// Whether people eat there: whether such a facility counts meals or seats.
    pub fn serves_meals(&self) -> bool {
        self.measures.iter().any(|measure| MEAL_MEASURES.contains(&&**measure))
    }

    /// Whether people are cared for there: whether such a facility counts beds or day places.
    pub fn gives_care(&self) -> bool {
        self.measures.iter().any(|measure| CARE_MEASURES.contains(&&**measure))
    }
}

impl Facility {
    /// The menu from a day on, in the order of days and meals.
    pub fn menu_from(&self, day: NaiveDate) -> &[Meal] {
        &self.menu[self.menu.partition_point(|meal| meal.day < day)..]
    }

    /// Lets go of what was eaten more than [`MENU_KEPT_DAYS`] days before `today`.
    pub fn forget_old_meals(&mut self, today: NaiveDate) {
        let first = today.checked_sub_days(Days::new(MENU_KEPT_DAYS));
        self.menu.retain(|meal| first.is_none_or(|first| meal.day >= first));
    }
}

/// All licences that stand.
pub fn licences(wish: &Value, vocabulary: &Vocabulary) -> Result<Vec<Licence>, String> {
    let mut licences: Vec<Licence> = Vec::new();
    for told in items("licences", wish)? {
        only(told, &["type", "number", "issuer", "valid_from", "valid_until"])?;
        let r#type = text(&told["type"])?.ok_or("a licence needs a type, such as \"food\"")?;
        let known = vocabulary.licence_types.iter().map(|term| &*term.code);
        vocabulary.licence_type(&r#type).ok_or_else(|| unknown(&r#type, known))?;
        let (valid_from, valid_until) = (day(&told["valid_from"])?, day(&told["valid_until"])?);
        if matches!((valid_from, valid_until), (Some(from), Some(until)) if until < from) {
            return Err(format!("{}: the last day is before the first", r#type));
        }
        limits::fits("licence_number", &told["number"])?;
        limits::fits("licence_issuer", &told["issuer"])?;
        let (number, issuer) = (code(&told["number"])?, text(&told["issuer"])?);
        if licences.iter().any(|held| held.r#type == r#type && held.number == number) {
            return Err(format!("{} is told twice under the same number", r#type));
        }
        licences.push(Licence { r#type, number, issuer, valid_from, valid_until });
    }
    let rank = |licence: &Licence| vocabulary.licence_type(&licence.r#type).map_or(i32::MAX, |term| term.rank);
    licences.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.number.cmp(&b.number)));
    Ok(licences)
}

/// The menu, each meal of a day once.
pub fn menu(wish: &Value) -> Result<Vec<Meal>, String> {
    let mut menu: Vec<Meal> = Vec::new();
    for told in items("menu", wish)? {
        only(told, &["day", "meal", "dishes", "price"])?;
        let of = day(&told["day"])?.ok_or("a meal needs a day, such as 2026-11-22")?;
        let meal = match text(&told["meal"])? {
            None => None,
            Some(code) => {
                Some(MealTime::from_code(&code).ok_or_else(|| unknown(&code, MealTime::ALL.map(MealTime::code)))?)
            }
        };
        limits::fits("dishes", &told["dishes"])?;
        let dishes = match &told["dishes"] {
            Value::String(_) => text(&told["dishes"])?.into_iter().collect(),
            list => texts(list)?,
        };
        if dishes.is_empty() {
            return Err(format!("{of}: a meal needs a dish"));
        }
        let price = match &told["price"] {
            Value::Null => None,
            price => Some(
                price
                    .as_f64()
                    .filter(|price| (0.0..10_000.0).contains(price))
                    .ok_or_else(|| format!("{price} is no price: CNY for one, from 0"))?,
            ),
        };
        if menu.iter().any(|held| (held.day, held.meal) == (of, meal)) {
            return Err(format!("{of}: a meal is told twice"));
        }
        menu.push(Meal { day: of, meal, dishes, price });
    }
    menu.sort_by_key(|meal| (meal.day, meal.meal));
    Ok(menu)
}

/// The staff; as of which day must be said.
pub(super) fn staff(wish: &Value) -> Result<Option<Box<Staff>>, String> {
    if wish.is_null() {
        return Ok(None);
    }
    only(wish, &["caregivers", "certified", "as_of"])?;
    let count = |name: &str| match &wish[name] {
        Value::Null => Ok(None),
        told => {
            let number = told.as_u64().filter(|number| *number <= MOST_STAFF);
            let number = number.and_then(|number| u32::try_from(number).ok());
            number.map(Some).ok_or_else(|| format!("{name}: {told} is not a whole number from 0 to {MOST_STAFF}"))
        }
    };
    let (caregivers, certified) = (count("caregivers")?, count("certified")?);
    if caregivers.or(certified).is_none() {
        return Err("tell caregivers, certified or both".to_owned());
    }
    let as_of = day(&wish["as_of"])?.ok_or("as_of is required: the day on which they were counted")?;
    let staff = Staff { caregivers, certified, as_of };
    if !staff.sound() {
        return Err("more caregivers are certified than there are".to_owned());
    }
    Ok(Some(Box::new(staff)))
}

fn items<'a>(name: &str, wish: &'a Value) -> Result<&'a [Value], String> {
    limits::fits(name, wish)?;
    match wish {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        other => Err(format!("{other} is not a list")),
    }
}

/// Refuses what is no object, and members that it cannot have.
pub(super) fn only(told: &Value, known: &[&str]) -> Result<(), String> {
    let members = told.as_object().ok_or_else(|| format!("{told} is not an object of {}", known.join(", ")))?;
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(unknown(name, known.iter().copied())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::care::kind::Term;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_licence_stands_through_its_last_day_and_ends_soon_from_thirty_days_before() {
        let on = |today| Validity::on(date(today), Some(date("2026-01-01")), Some(date("2026-12-31")));
        assert_eq!(on("2025-12-31"), Some(Validity::NotYet));
        assert_eq!(on("2026-11-30"), Some(Validity::Valid));
        assert_eq!(on("2026-12-01"), Some(Validity::EndsSoon));
        assert_eq!(on("2026-12-31"), Some(Validity::EndsSoon));
        assert_eq!(on("2027-01-01"), Some(Validity::Expired));
        assert_eq!(Validity::on(date("2026-01-01"), None, None), None, "a last day that is not known is no validity");
    }

    #[test]
    fn licences_are_of_known_types_in_order_and_each_once() {
        let words = Vocabulary::default().with_types(vec![Term::of("fire", 3), Term::of("food", 4)], Vec::new());
        let read = |wish: Value| licences(&wish, &words);
        let two = read(json!([{"type": "food", "number": " JY1 "}, {"type": "fire", "valid_until": "2027-01-01"}]));
        let two = two.expect("two licences");
        assert_eq!((&*two[0].r#type, two[1].number.as_deref()), ("fire", Some("JY1")));
        for (wish, words) in [
            (json!([{"type": "fod"}]), "\"food\""),
            (json!([{"number": "1"}]), "needs a type"),
            (json!([{"type": "food", "valid": "2027-01-01"}]), "valid_"),
            (json!([{"type": "food"}, {"type": "food"}]), "twice"),
            (json!([{"type": "food", "valid_from": "2027-01-02", "valid_until": "2027-01-01"}]), "before the first"),
            (json!({"type": "food"}), "not a list"),
            (json!(["food"]), "not an object"),
        ] {
            let refused = read(wish.clone()).expect_err("refused");
            assert!(refused.contains(words), "{wish}: {refused}");
        }
    }

    #[test]
    fn more_certified_caregivers_than_caregivers_are_refused() {
        let read = |caregivers, certified| {
            staff(&json!({"caregivers": caregivers, "certified": certified, "as_of": "2026-10-01"}))
        };
        let told = read(Some(12), Some(9)).expect("sound").expect("told");
        assert_eq!(told.certified_share(), Some(0.75));
        assert!(read(Some(9), Some(12)).expect_err("refused").contains("certified"));
        assert_eq!(read(None, Some(9)).expect("sound").expect("told").certified_share(), None);
        assert!(read(None, None).is_err() && read(Some(-1), None).is_err());
        assert!(staff(&json!({"caregivers": 3})).expect_err("undated").contains("as_of"));
    }

    #[test]
    fn the_menu_of_a_past_day_is_not_shown_and_goes_after_a_week() {
        let told = json!([
            {"day": "2026-11-25", "meal": "dinner", "dishes": ["面条"]},
            {"day": "2026-11-24", "meal": "lunch", "dishes": "米饭", "price": 12.5},
            {"day": "2026-11-25", "meal": "lunch", "dishes": ["红烧肉", "青菜"]},
        ]);
        let draft = crate::care::draft::FacilityDraft::default();
        let mut place = Facility { menu: menu(&told).expect("a menu"), ..draft.create(Default::default()) };
        let shown: Vec<_> = place.menu_from(date("2026-11-25")).iter().map(|meal| meal.meal).collect();
        assert_eq!(shown, [Some(MealTime::Lunch), Some(MealTime::Dinner)]);
        place.forget_old_meals(date("2026-12-01"));
        assert_eq!(place.menu.len(), 3);
        place.forget_old_meals(date("2026-12-02"));
        assert_eq!(place.menu.len(), 2);
        for wrong in [
            json!([{"day": "2026-11-25", "dishes": []}]),
            json!([{"dishes": ["a"]}]),
            json!([{"day": "2026-11-25", "meal": "supper", "dishes": ["a"]}]),
            json!([{"day": "2026-11-25", "dishes": ["a"]}, {"day": "2026-11-25", "dishes": ["b"]}]),
            json!([{"day": "2026-11-25", "dishes": ["a"], "price": -1}]),
        ] {
            assert!(menu(&wrong).is_err(), "{wrong}");
        }
    }
}
