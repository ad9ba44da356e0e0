//! Inspections: who looked at a facility and when, what was found, by when it must be put right, and when it was.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dossier::only;
use super::field_texts::list;
use super::fields::{FieldFault, Wishes, day, lines, text, unknown};
use super::{Text, Vocabulary, limits};

/// How an inspection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    PassedWithFindings,
    Failed,
}

impl Outcome {
    pub const ALL: [Outcome; 3] = [Outcome::Passed, Outcome::PassedWithFindings, Outcome::Failed];

    pub fn code(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::PassedWithFindings => "passed_with_findings",
            Outcome::Failed => "failed",
        }
    }

    pub fn from_code(code: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Minor,
    Major,
}

impl Severity {
    pub const ALL: [Severity; 2] = [Severity::Minor, Severity::Major];

    pub fn code(self) -> &'static str {
        match self {
            Severity::Minor => "minor",
            Severity::Major => "major",
        }
    }

    pub fn from_code(code: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.code() == code)
    }
}

/// What was found wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about, in a word: 消防通道, 用电, 燃气.
    pub category: Text,
    pub severity: Severity,
    pub detail: Text,
    /// The last day to put it right; `None` where none was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// The day on which the bureau saw that it was; `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rectified_on: Option<NaiveDate>,
    /// What was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rectification: Option<Text>,
}

impl Finding {
    pub fn open(&self) -> bool {
        self.rectified_on.is_none()
    }

    /// Open after its last day. One without a last day is never overdue.
    pub fn overdue(&self, today: NaiveDate) -> bool {
        self.open() && self.due_on.is_some_and(|due| due < today)
    }
}

/// One inspection, whole. Its JSON is what the log keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    pub id: Uuid,
    /// Counts the writes to this record; its ETag.
    pub version: i64,
    pub facility: Uuid,
    /// A word of the vocabulary: safety, fire, food, cross_check, annual, quality.
    pub r#type: Text,
    pub inspected_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agencies: Vec<Text>,
    pub result: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    pub updated_at: DateTime<Utc>,
}

/// The members that may be told of an inspection.
pub const MEMBERS: [&str; 6] = ["type", "inspected_on", "agencies", "result", "note", "findings"];

/// The most findings of one inspection.
pub const MOST_FINDINGS: usize = 100;

impl Inspection {
    /// A new inspection of a facility, of version 0 until it is written; all that is wrong is told at once.
    pub fn of(
        facility: Uuid,
        told: &Wishes,
        vocabulary: &Vocabulary,
        today: NaiveDate,
    ) -> Result<Inspection, Vec<FieldFault>> {
        let missing = |name: &&str| told.get(*name).is_none_or(Value::is_null);
        let missing = ["type", "inspected_on", "result"].into_iter().filter(missing);
        let missing: Vec<_> = missing.map(|name| fault(name, "is required")).collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        let blank = Inspection {
            id: Uuid::now_v7(),
            version: 0,
            facility,
            r#type: "".into(),
            inspected_on: today,
            agencies: Vec::new(),
            result: Outcome::Passed,
            note: None,
            findings: Vec::new(),
            updated_at: DateTime::UNIX_EPOCH,
        };
        blank.with(told, vocabulary, today)
    }

    /// The same with these members as they are told: a list replaces the list. All that is wrong is told at once.
    pub fn with(
        &self,
        told: &Wishes,
        vocabulary: &Vocabulary,
        today: NaiveDate,
    ) -> Result<Inspection, Vec<FieldFault>> {
        let (mut next, mut faults) = (self.clone(), Vec::new());
        for (name, wish) in told {
            let set = match name.as_str() {
                "findings" => next.set_findings(wish),
                _ => next.set(name, wish, vocabulary).map_err(|detail| fault(name, &detail)),
            };
            faults.extend(set.err());
        }
        if faults.is_empty() {
            faults = next.faults(today);
        }
        if faults.is_empty() { Ok(next) } else { Err(faults) }
    }

    fn set(&mut self, name: &str, wish: &Value, vocabulary: &Vocabulary) -> Result<(), String> {
        match name {
            "type" => {
                let code = text(wish)?.ok_or("an inspection needs a type")?;
                let known = vocabulary.inspection_types.iter().map(|term| &*term.code);
                vocabulary.inspection_type(&code).ok_or_else(|| unknown(&code, known))?;
                self.r#type = code;
            }
            "inspected_on" => self.inspected_on = day(wish)?.ok_or("an inspection needs its day")?,
            "agencies" => {
                limits::fits("inspection/agencies", wish)?;
                self.agencies = list("inspection/agencies", wish)?;
            }
            "result" => {
                let code = text(wish)?.ok_or("an inspection needs a result")?;
                self.result =
                    Outcome::from_code(&code).ok_or_else(|| unknown(&code, Outcome::ALL.map(Outcome::code)))?;
            }
            "note" => {
                limits::fits("inspection/note", wish)?;
                self.note = lines(wish)?;
            }
            other => return Err(format!("no member has this name; {}", unknown(other, MEMBERS))),
        }
        Ok(())
    }

    /// The list of what was found; what is wrong is told with its place in the list.
    fn set_findings(&mut self, wish: &Value) -> Result<(), FieldFault> {
        limits::fits("inspection/findings", wish).map_err(|why| fault("findings", &why))?;
        let told = match wish {
            Value::Null => &[][..],
            Value::Array(told) => told,
            other => return Err(fault("findings", &format!("{other} is not a list of findings"))),
        };
        let read = |(at, told): (usize, &Value)| {
            finding(told).map_err(|(day, why)| match day {
                Some(member) => fault(&format!("findings/{at}/{member}"), &why),
                None => fault("findings", &format!("number {}: {why}", at + 1)),
            })
        };
        self.findings = told.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// What the members say against each other, and against the calendar; empty where nothing is wrong.
    pub fn faults(&self, today: NaiveDate) -> Vec<FieldFault> {
        let mut faults = Vec::new();
        if self.inspected_on > today {
            faults.push(fault("inspected_on", "lies in the future"));
        }
        match (self.result, self.findings.is_empty()) {
            (Outcome::Passed, false) => {
                faults.push(fault("result", "an inspection that found something is passed_with_findings or failed"));
            }
            (Outcome::PassedWithFindings, true) => faults.push(fault("findings", "there are none")),
            _ => {}
        }
        for (at, finding) in self.findings.iter().enumerate() {
            for (name, told) in [("due_on", finding.due_on), ("rectified_on", finding.rectified_on)] {
                if told.is_some_and(|told| told < self.inspected_on) {
                    faults.push(fault(&format!("findings/{at}/{name}"), "lies before the inspection"));
                }
            }
            if finding.rectified_on.is_some_and(|told| told > today) {
                faults.push(fault(&format!("findings/{at}/rectified_on"), "lies in the future"));
            }
            if finding.rectification.is_some() && finding.open() {
                let detail = "what was done needs the day on which it was seen, rectified_on";
                faults.push(fault(&format!("findings/{at}/rectification"), detail));
            }
        }
        faults
    }

    /// How many findings are open, and how many of those are overdue.
    pub fn open_and_overdue(&self, today: NaiveDate) -> (usize, usize) {
        let count = |holds: &dyn Fn(&Finding) -> bool| self.findings.iter().filter(|finding| holds(finding)).count();
        (count(&Finding::open), count(&|finding| finding.overdue(today)))
    }

    /// Its JSON as an answer: with the numbers of what is open and overdue on a day.
    pub fn answer(&self, today: NaiveDate) -> Value {
        let (open, overdue) = self.open_and_overdue(today);
        let mut answer = json!(self);
        (answer["open"], answer["overdue"]) = (json!(open), json!(overdue));
        answer
    }
}

/// One finding; what is wrong with it, and the member where that is one of its days.
fn finding(told: &Value) -> Result<Finding, (Option<&'static str>, String)> {
    let of_the_whole = |why: String| (None, why);
    let dated = |name: &'static str| day(&told[name]).map_err(|why| (Some(name), why));
    let (due_on, rectified_on) = (dated("due_on")?, dated("rectified_on")?);
    described(told).map(|finding| Finding { due_on, rectified_on, ..finding }).map_err(of_the_whole)
}

/// A finding without its days.
fn described(told: &Value) -> Result<Finding, String> {
    only(told, &["category", "severity", "detail", "due_on", "rectified_on", "rectification"])?;
    for name in ["category", "detail", "rectification"] {
        limits::fits(&format!("finding/{name}"), &told[name])?;
    }
    let severity = text(&told["severity"])?.ok_or("severity is required: minor or major")?;
    Ok(Finding {
        category: text(&told["category"])?.ok_or("category is required, such as 消防通道")?,
        severity: Severity::from_code(&severity)
            .ok_or_else(|| unknown(&severity, Severity::ALL.map(Severity::code)))?,
        detail: lines(&told["detail"])?.ok_or("detail is required: what was found")?,
        due_on: None,
        rectified_on: None,
        rectification: lines(&told["rectification"])?,
    })
}

fn fault(field: &str, detail: &str) -> FieldFault {
    FieldFault { field: field.to_owned(), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::Term;

    fn told(members: Value) -> Result<Inspection, Vec<FieldFault>> {
        let words = Vocabulary::default().with_types(Vec::new(), vec![Term::of("safety", 1), Term::of("fire", 2)]);
        let today = "2026-11-25".parse().expect("a day");
        Inspection::of(Uuid::nil(), members.as_object().expect("an object"), &words, today)
    }

    fn with_finding(result: &str, finding: Value) -> Result<Inspection, Vec<FieldFault>> {
        told(json!({"type": "safety", "inspected_on": "2026-11-01", "result": result, "findings": [finding]}))
    }

    #[test]
    fn a_finding_is_overdue_from_the_day_after_its_last_day_until_it_is_rectified() {
        let blocked =
            json!({"category": "消防通道", "severity": "major", "detail": "堆放杂物", "due_on": "2026-11-20"});
        let mut inspection = with_finding("failed", blocked).expect("an inspection");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(inspection.open_and_overdue(day("2026-11-20")), (1, 0));
        assert_eq!(inspection.open_and_overdue(day("2026-11-21")), (1, 1));
        inspection.findings[0].rectified_on = Some(day("2026-11-24"));
        assert_eq!(inspection.open_and_overdue(day("2026-11-25")), (0, 0));
    }

    #[test]
    fn what_an_inspection_says_must_fit_together() {
        let finding = |set: Value| {
            let mut finding = json!({"category": "用电", "severity": "minor", "detail": "插座松动"});
            finding.as_object_mut().expect("an object").extend(set.as_object().expect("an object").clone());
            finding
        };
        for (answer, field) in [
            (told(json!({"type": "safety"})), "inspected_on"),
            (told(json!({"type": "saftey", "inspected_on": "2026-11-01", "result": "passed"})), "type"),
            (told(json!({"type": "safety", "inspected_on": "2026-11-26", "result": "passed"})), "inspected_on"),
            (
                told(json!({"type": "safety", "inspected_on": "2026-11-01", "result": "passed_with_findings"})),
                "findings",
            ),
            (told(json!({"type": "safety", "inspected_on": "2026-11-01", "result": "passed", "grade": 1})), "grade"),
            (with_finding("passed", finding(json!({}))), "result"),
            (with_finding("failed", finding(json!({"severity": "grave"}))), "findings"),
            (with_finding("failed", finding(json!({"detail": " "}))), "findings"),
            (with_finding("failed", finding(json!({"due_on": "2026-10-31"}))), "findings/0/due_on"),
            (with_finding("failed", finding(json!({"rectified_on": "2026-11-26"}))), "findings/0/rectified_on"),
            (with_finding("failed", finding(json!({"rectification": "换了"}))), "findings/0/rectification"),
        ] {
            let faults = answer.expect_err(field);
            assert!(faults.iter().any(|fault| fault.field == field), "{field}: {faults:?}");
        }
        assert!(with_finding("passed_with_findings", finding(json!({}))).is_ok());
    }
}
