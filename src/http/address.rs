//! Addresses of our own, built and changed one parameter at a time.

use std::fmt;

use actix_web::{HttpRequest, web};
use maud::{Markup, html};

/// An address and its parameters, to be changed one at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Address {
    pub fn new(path: impl Into<String>) -> Address {
        Address { path: path.into(), pairs: Vec::new() }
    }

    /// The address that was asked for, without the language, which the cookie keeps.
    pub fn of(request: &HttpRequest) -> Address {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let pairs = pairs.map(web::Query::into_inner).unwrap_or_default();
        let kept = pairs.into_iter().filter(|(name, value)| name != "lang" && !value.trim().is_empty());
        Address { path: request.path().to_owned(), pairs: kept.collect() }
    }

    /// A path with a query string.
    pub fn read(text: &str) -> Address {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map(web::Query::into_inner);
        Address { path: path.to_owned(), pairs: pairs.unwrap_or_default() }
    }

    /// The first value of a name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    pub fn each(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// Without one value of a name, which may have others.
    pub fn without_one(mut self, name: &str, value: &str) -> Address {
        if let Some(at) = self.pairs.iter().position(|(known, held)| known == name && held == value) {
            self.pairs.remove(at);
        }
        self
    }

    /// The parameters as a query string.
    pub fn query(&self) -> String {
        self.to_string().split_once('?').map_or(String::new(), |(_, query)| query.to_owned())
    }

    /// The same parameters at another path.
    pub fn at(mut self, path: &str) -> Address {
        self.path = path.to_owned();
        self
    }

    /// With this value and no other of the name.
    pub fn with(self, name: &str, value: impl fmt::Display) -> Address {
        self.without(&[name]).and(name, value)
    }

    /// With one more value of the name.
    pub fn and(mut self, name: &str, value: impl fmt::Display) -> Address {
        self.pairs.push((name.to_owned(), value.to_string()));
        self
    }

    pub fn without(mut self, names: &[&str]) -> Address {
        self.pairs.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// With nothing but these.
    pub fn only(mut self, names: &[&str]) -> Address {
        self.pairs.retain(|(name, _)| names.contains(&name.as_str()));
        self
    }

    /// Whether any of these is set.
    pub fn has(&self, names: &[&str]) -> bool {
        self.pairs.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// The parameters as hidden fields, so that a form keeps them.
    pub fn hidden(&self) -> Markup {
        html! { @for (name, value) in &self.pairs { input type="hidden" name=(name) value=(value); } }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (at, (name, value)) in self.pairs.iter().enumerate() {
            write!(f, "{}{}={}", if at == 0 { '?' } else { '&' }, escape(name), escape(value))?;
        }
        Ok(())
    }
}

/// Percent-encoding for a part of an address.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b',' => escaped.push(byte as char),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_escaped_and_changed_one_name_at_a_time() {
        let address = Address::new("/search").with("q", "宿城 区&1").and("kind", "canteen").and("kind", "meal_point");
        let shown = "/search?q=%E5%AE%BF%E5%9F%8E%20%E5%8C%BA%261&kind=canteen&kind=meal_point";
        assert_eq!(address.to_string(), shown);
        assert_eq!(address.clone().with("kind", "day_care").without(&["q"]).to_string(), "/search?kind=day_care");
        assert!(address.has(&["page", "q"]) && !address.has(&["page"]));
        assert_eq!(Address::read(shown), address);
        let one = address.clone().without_one("kind", "canteen");
        assert_eq!(
            (one.first("kind"), one.query().as_str()),
            (Some("meal_point"), "q=%E5%AE%BF%E5%9F%8E%20%E5%8C%BA%261&kind=meal_point")
        );
    }
}
