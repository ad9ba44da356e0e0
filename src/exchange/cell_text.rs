//! Cells that are one line or a list of texts, within the limits that hold for every way in.

use super::Findings;
use super::cell::Cell;
use crate::care::Text;
use crate::care::limits::{self, Limit};

impl Cell<'_> {
    /// One line of text, of at most as many characters as its column may hold.
    pub fn line(&self, findings: &mut Findings) -> Option<Text> {
        self.text(limits::of(self.column).characters, findings)
    }

    /// Several texts with `;` between them, as many and as long as the limit says.
    pub fn list(&self, limit: Limit, findings: &mut Findings) -> Option<Vec<Text>> {
        let whole = self.text(limit.count * (limit.characters + 1), findings)?;
        let mut items: Vec<Text> = Vec::new();
        for item in whole.split([';', '；']).map(str::trim).filter(|item| !item.is_empty()) {
            if let Err(fault) = limit.check(item) {
                let problem = format!("one of the words has {}", fault.held());
                findings.error(self, "too_long", problem, format!("{} each, with ; between them", fault.allowed()));
                return None;
            }
            if !items.iter().any(|held| &**held == item) {
                items.push(item.into());
            }
        }
        if let Err(fault) = limit.check_count(items.len()) {
            findings.error(self, "too_many", fault.held(), fault.allowed());
            return None;
        }
        (!items.is_empty()).then_some(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::fields;
    use crate::care::limits::LIMITS;
    use serde_json::json;

    fn read<T>(column: &str, text: &str, how: impl Fn(&Cell<'_>, &mut Findings) -> Option<T>) -> Result<T, String> {
        let mut findings = Findings::default();
        let value = how(&Cell::new(2, column, text), &mut findings);
        let said = findings.into_sorted().first().map(|finding| format!("{}, {}", finding.problem, finding.expected));
        value.ok_or(said.unwrap_or_default())
    }

    #[test]
    fn a_cell_that_is_too_long_is_told_its_size_and_the_limit() {
        let long = read("phone", &"1".repeat(50_000), |cell, f| cell.line(f));
        assert_eq!(long, Err("50000 characters, at most 200 characters".to_owned()));
        let tags = (0..5_000).map(|at| at.to_string()).collect::<Vec<_>>();
        let many = |count| read("tags", &tags[..count].join(";"), |cell, f| cell.list(limits::of("tags"), f));
        assert_eq!(many(50).map(|tags| tags.len()), Ok(50));
        assert_eq!(many(51), Err("51 items, at most 50 items".to_owned()));
        assert!(many(5_000).is_err());
    }

    #[test]
    fn what_the_api_takes_at_its_longest_a_file_takes_too_and_one_more_neither() {
        let vocabulary = crate::care::Vocabulary::default();
        let empty = crate::care::draft::FacilityDraft::default().create(Default::default());
        let told = |name: &str, value| {
            let wishes = fields::Wishes::from_iter([(name.to_owned(), value)]);
            fields::with(&empty, &wishes, &vocabulary).is_ok()
        };
        let texts = ["code", "name", "region", "address", "phone", "ownership", "operator", "uscc"];
        for limit in LIMITS.iter().filter(|limit| texts.contains(&limit.field)) {
            for (length, fits) in [(limit.characters, true), (limit.characters + 1, false)] {
                let text = "院".repeat(length);
                assert_eq!(told(limit.field, json!(text)), fits, "{} of {length} in the API", limit.field);
                assert_eq!(
                    read(limit.field, &text, |cell, f| cell.line(f)).is_ok(),
                    fits,
                    "{} of {length}",
                    limit.field
                );
            }
        }
        for limit in LIMITS.iter().filter(|limit| ["services", "tags"].contains(&limit.field)) {
            for (count, length, fits) in
                [(limit.count, limit.characters, true), (limit.count + 1, 9, false), (1, limit.characters + 1, false)]
            {
                let items: Vec<_> = (0..count).map(|at| format!("{at:0length$}")).collect();
                assert_eq!(told(limit.field, json!(items)), fits, "{} × {length} in the API", count);
                let cell = read(limit.field, &items.join(";"), |cell, f| cell.list(*limit, f));
                assert_eq!(cell.is_ok(), fits, "{count} × {length} in a file");
            }
        }
    }
}
