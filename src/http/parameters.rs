//! Parameters of an address: read by name, all faults at once, unknown names refused with the nearest known one.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use actix_web::{HttpMessage, HttpRequest, web};

use super::problem::Fault;
use super::{Code, Problem};
use crate::care::clean::{clean_lines, control_character};
use crate::care::kind::nearest_word;
use crate::care::limits;

/// Parameters that may be long lists, or another address with its parameters.
const LISTS: [&str; 10] =
    ["id", "add", "close", "move", "enlarge", "candidates", "excluded", "reached", "query", "back"];

/// So many faults are told, and that there are more.
const MOST_FAULTS: usize = 20;

/// The parameters of one request, being read.
pub struct Parameters {
    pairs: Vec<(String, String)>,
    faults: Vec<Fault>,
    /// Whether whoever asks is known: past times are then told to the minute, and to others to the day.
    pub known_caller: bool,
}

/// Stands among a request's extensions where a token or a session says who asks.
#[derive(Clone, Copy)]
pub struct KnownCaller;

impl Parameters {
    /// For the API: an empty value is a fault.
    pub fn of(request: &HttpRequest, known: &[&str]) -> Parameters {
        Parameters::parse(request.query_string(), known, true).within_limits().asked_by(request)
    }

    /// For pages, whose forms send every field: an empty value is no value. `lang` is known everywhere.
    pub fn of_form(request: &HttpRequest, known: &[&str]) -> Parameters {
        Parameters::parse(request.query_string(), &[known, &["lang"]].concat(), false).within_limits().asked_by(request)
    }

    /// For the body of a form that writes. The seal is known everywhere.
    pub fn of_body(body: &[u8], known: &[&str]) -> Parameters {
        let text = String::from_utf8_lossy(body);
        Parameters::parse(&text, &[known, &["lang", super::who::SEAL]].concat(), false)
    }

    /// For what was said in a query string, or as if in one.
    pub fn of_text(query: &str, known: &[&str]) -> Parameters {
        Parameters::parse(query, known, true)
    }

    fn parse(query: &str, known: &[&str], strict: bool) -> Parameters {
        let read = web::Query::<Vec<(String, String)>>::from_query(query);
        let mut parameters = Parameters { pairs: Vec::new(), faults: Vec::new(), known_caller: false };
        let pairs = match read {
            Ok(pairs) => pairs.into_inner(),
            Err(error) => {
                parameters.faults.push(Fault {
                    parameter: None,
                    pointer: None,
                    detail: format!("the query cannot be read: {error}"),
                });
                return parameters;
            }
        };
        for (name, value) in pairs {
            if parameters.faults.len() >= MOST_FAULTS {
                parameters.faults.push(Fault { parameter: None, pointer: None, detail: "and more".to_owned() });
                return parameters;
            }
            if !known.contains(&name.as_str()) {
                let near = nearest_word(&name, known.iter().copied());
                let near = near.map(|near| format!("is it \"{near}\"? ")).unwrap_or_default();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                parameters.refuse(&name, format!("unknown parameter; {near}known here: {known}"));
            } else if value.contains('\0') || value.contains('\u{fffd}') {
                parameters.refuse(&name, "not readable as UTF-8 text");
            } else if let Some(c) = control_character(&value) {
                parameters.refuse(&name, format!("holds a control character (U+{:04X})", c as u32));
            } else if let value = said(&name, &value)
                && !value.is_empty()
            {
                parameters.pairs.push((name, value.into_owned()));
            } else if strict {
                parameters.refuse(&name, "is empty; leave it out instead");
            }
        }
        parameters
    }

    fn asked_by(self, request: &HttpRequest) -> Parameters {
        Parameters { known_caller: request.extensions().contains::<KnownCaller>(), ..self }
    }

    /// Refuses what is longer than an address carries with sense. The body of a form has limits of its own.
    fn within_limits(mut self) -> Parameters {
        for (name, value) in std::mem::take(&mut self.pairs) {
            let field = match name.as_str() {
                "q" => "q",
                listed if LISTS.contains(&listed) => "parameter/list",
                _ => "parameter",
            };
            match limits::of(field).check(&value) {
                Ok(()) => self.pairs.push((name, value)),
                Err(fault) => self.refuse(&name, format!("has {fault}")),
            }
        }
        self
    }

    /// Notes a fault.
    pub fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        self.faults.push(Fault { parameter: Some(name.to_owned()), pointer: None, detail: detail.into() });
    }

    /// The value of a parameter that may stand once.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let mut values = self.pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone());
        let first = values.next();
        if values.next().is_some() {
            self.refuse(name, "stands more than once");
        }
        first
    }

    /// The values of a parameter that may stand several times, or once with commas.
    pub fn all(&mut self, name: &str) -> Vec<String> {
        let values = self.pairs.iter().filter(|(known, _)| known == name).flat_map(|(_, value)| value.split(','));
        values.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
    }

    /// The values of a parameter that may stand several times, each as it was written.
    pub fn each(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// A number within a range (both ends included), in the unit that the fault names.
    pub fn number<T: FromStr + PartialOrd + Display>(
        &mut self,
        name: &str,
        range: RangeInclusive<T>,
        unit: &str,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = text.parse().ok().filter(|value| range.contains(value));
        if value.is_none() {
            self.refuse(name, format!("\"{text}\" is not a {unit} from {} to {}", range.start(), range.end()));
        }
        value
    }

    /// One of a few words.
    pub fn word<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>, words: &[&str]) -> Option<T> {
        let text = self.text(name)?;
        let value = read(&text);
        if value.is_none() {
            self.refuse_word(name, &text, words);
        }
        value
    }

    /// Notes that a word is not one of those known.
    pub fn refuse_word(&mut self, name: &str, text: &str, words: &[&str]) {
        let hint = match nearest_word(text, words.iter().copied()) {
            Some(near) => format!("is it \"{near}\"?"),
            None => format!("known: {}", words.join(", ")),
        };
        self.refuse(name, format!("\"{text}\" is not known; {hint}"));
    }

    /// Notes that a parameter is missing, unless it stands there and was refused already.
    pub fn require<T>(&mut self, name: &str, value: Option<T>, meaning: &str) -> Option<T> {
        let said = self.faults.iter().any(|fault| fault.parameter.as_deref() == Some(name));
        if value.is_none() && !said {
            self.refuse(name, format!("is required: {meaning}"));
        }
        value
    }

    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// All well, or all faults in one problem.
    pub fn finish(self) -> Result<(), Problem> {
        let detail = match self.faults.as_slice() {
            [] => return Ok(()),
            [Fault { parameter: Some(name), detail, .. }] => format!("{name}: {detail}."),
            faults => format!("{} parameters are wrong.", faults.len()),
        };
        Err(Problem { faults: self.faults, ..Problem::new(Code::BadParameter, detail) })
    }
}

/// What a value says once it is clean. A password is taken as it stands.
fn said<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    if name.contains("password") { Cow::Borrowed(value.trim()) } else { clean_lines(value) }
}

/// A number as it was typed, with the digits of a wide keyboard (１２) as the plain ones.
pub fn plain_digits(text: &str) -> String {
    let plain = |c: char| match c {
        '０'..='９' | '．' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_digits_are_digits() {
        assert_eq!(plain_digits("１２．5 张"), "12.5 张");
    }

    fn read(query: &str) -> Parameters {
        Parameters::parse(query, &["lon", "lat", "limit", "kind"], true)
    }

    #[test]
    fn an_unknown_parameter_is_refused_with_the_nearest_known_one() {
        let problem = read("lmit=5").finish().expect_err("unknown");
        assert!(problem.faults[0].detail.contains("\"limit\""), "{problem}");
    }

    #[test]
    fn what_is_longer_than_its_limit_is_refused_with_both_sizes() {
        let read = |query: &str| Parameters::parse(query, &["q", "region", "id"], true).within_limits();
        assert!(read(&format!("q={}&id={}", "x".repeat(200), "0,".repeat(10_000))).finish().is_ok());
        for (name, length, most) in [("q", 201, 200), ("region", 2_001, 2_000), ("id", 40_001, 40_000)] {
            let problem = read(&format!("{name}={}", "x".repeat(length))).finish().expect_err("too long");
            let detail = &problem.faults[0].detail;
            assert!(detail.contains(&length.to_string()) && detail.contains(&most.to_string()), "{problem}");
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let mut parameters = read("lon=200&limit=0&kind=");
        parameters.number::<f64>("lon", -180.0..=180.0, "longitude");
        parameters.number::<u32>("limit", 1..=100, "number");
        let lat = parameters.number::<f64>("lat", -90.0..=90.0, "latitude");
        parameters.require("lat", lat, "degrees north");
        let problem = parameters.finish().expect_err("four faults");
        assert_eq!(problem.faults.len(), 4, "{:?}", problem.faults);
    }

    #[test]
    fn nan_and_infinity_are_no_longitude() {
        for value in ["NaN", "inf", "1e999", "", "12,5", "0x10"] {
            let mut parameters = read(&format!("lon={value}"));
            assert_eq!(parameters.number::<f64>("lon", -180.0..=180.0, "longitude"), None, "{value}");
            assert!(parameters.finish().is_err(), "{value}");
        }
    }

    #[test]
    fn a_repeated_parameter_is_refused_and_a_list_is_not() {
        let mut parameters = read("lon=1&lon=2&kind=canteen&kind=meal_point,day_care");
        parameters.number::<f64>("lon", -180.0..=180.0, "longitude");
        assert_eq!(parameters.all("kind"), ["canteen", "meal_point", "day_care"]);
        assert_eq!(parameters.finish().expect_err("twice").faults.len(), 1);
    }
}
