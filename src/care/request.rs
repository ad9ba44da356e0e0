//! Change requests: what somebody wishes, on what they saw, and what the bureau decided field by field.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fields::{self, Wishes};
use super::{Facility, Text};

/// What is decided of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Verdict {
    /// The wished value takes the place of the current one.
    Accept,
    /// The record has moved on since, and its newer value stays.
    Newer,
    /// The current value stays, and the requester is told why.
    Reject { reason: Text },
}

/// A verdict for each wished field.
pub type Decision = BTreeMap<String, Verdict>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    Pending,
    Decided,
    Withdrawn,
}

impl RequestState {
    pub const ALL: [RequestState; 3] = [RequestState::Pending, RequestState::Decided, RequestState::Withdrawn];

    pub fn code(self) -> &'static str {
        match self {
            RequestState::Pending => "pending",
            RequestState::Decided => "decided",
            RequestState::Withdrawn => "withdrawn",
        }
    }

    pub fn from_code(code: &str) -> Option<RequestState> {
        RequestState::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// One change request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeRequest {
    pub id: Uuid,
    pub facility: Uuid,
    #[serde(skip)]
    pub account: Option<Uuid>,
    /// Who asked, as the log writes it.
    pub actor: Text,
    /// The version that they saw.
    pub based_on: i64,
    /// The fields as they saw them.
    pub was: Wishes,
    pub wished: Wishes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    pub at: DateTime<Utc>,
    pub state: RequestState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

impl ChangeRequest {
    /// The wished fields that somebody else has changed since the requester saw them, to something else than is wished.
    pub fn overtaken(&self, current: &Facility) -> Vec<&str> {
        let moved = self.wished.iter().filter(|(name, wish)| {
            let now = fields::value(current, name);
            self.was.get(*name) != Some(&now) && **wish != now
        });
        moved.map(|(name, _)| name.as_str()).collect()
    }

    /// Why a decision cannot stand: every wished field needs one verdict, and no other field has one.
    pub fn objection(&self, decision: &Decision) -> Option<(String, &'static str)> {
        let missing = self.wished.keys().find(|name| !decision.contains_key(*name));
        let stray = decision.keys().find(|name| !self.wished.contains_key(*name));
        let silent = decision
            .iter()
            .find(|(_, verdict)| matches!(verdict, Verdict::Reject { reason } if reason.trim().is_empty()));
        missing
            .map(|name| (name.clone(), "this field is asked for and needs a verdict"))
            .or_else(|| stray.map(|name| (name.clone(), "this field is not asked for")))
            .or_else(|| silent.map(|(name, _)| (name.clone(), "a rejection needs a reason")))
    }

    /// The field of which a decision keeps the newer value although nobody else has changed it since.
    pub fn nothing_newer(&self, decision: &Decision, current: &Facility) -> Option<String> {
        let overtaken = self.overtaken(current);
        let newer = decision.iter().filter(|(_, verdict)| **verdict == Verdict::Newer).map(|(name, _)| name);
        newer.into_iter().find(|name| !overtaken.contains(&name.as_str())).cloned()
    }

    /// The wishes that a decision grants.
    pub fn granted(&self, decision: &Decision) -> Wishes {
        let granted = self.wished.iter().filter(|(name, _)| decision.get(*name) == Some(&Verdict::Accept));
        granted.map(|(name, wish)| (name.clone(), wish.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::care::draft::FacilityDraft;

    fn request() -> ChangeRequest {
        let object = |value: serde_json::Value| value.as_object().cloned().expect("an object");
        ChangeRequest {
            id: Uuid::nil(),
            facility: Uuid::nil(),
            account: None,
            actor: "manager:li".into(),
            based_on: 1,
            was: object(json!({"name": "旧名", "operator": null})),
            wished: object(json!({"name": "新名", "operator": "甲"})),
            note: None,
            at: DateTime::UNIX_EPOCH,
            state: RequestState::Pending,
            decided_at: None,
            decided_by: None,
            decision: None,
        }
    }

    #[test]
    fn a_field_that_changed_meanwhile_is_seen_and_one_that_did_not_is_not() {
        let draft = FacilityDraft { name: "别名".into(), kind: "canteen".into(), ..Default::default() };
        assert_eq!(request().overtaken(&draft.create(DateTime::UNIX_EPOCH)), ["name"]);
    }

    #[test]
    fn the_newer_value_is_kept_only_where_somebody_has_told_one() {
        let newer = |name: &str| Decision::from_iter([(name.to_owned(), Verdict::Newer)]);
        let draft = FacilityDraft { name: "别名".into(), kind: "canteen".into(), ..Default::default() };
        let current = draft.create(DateTime::UNIX_EPOCH);
        assert_eq!(request().nothing_newer(&newer("name"), &current), None);
        assert_eq!(request().nothing_newer(&newer("operator"), &current).as_deref(), Some("operator"));
    }

    #[test]
    fn a_decision_speaks_of_every_field_and_of_no_other_and_says_why_not() {
        let reject = |reason: &str| Verdict::Reject { reason: reason.into() };
        let decide = |verdicts: &[(&str, Verdict)]| {
            Decision::from_iter(verdicts.iter().map(|(name, verdict)| ((*name).to_owned(), verdict.clone())))
        };
        let objection = |verdicts: &[(&str, Verdict)]| request().objection(&decide(verdicts)).map(|(name, _)| name);
        assert_eq!(objection(&[("name", Verdict::Accept)]).as_deref(), Some("operator"));
        assert_eq!(objection(&[("name", Verdict::Accept), ("operator", reject(" "))]).as_deref(), Some("operator"));
        let whole = [("name", Verdict::Accept), ("operator", reject("没有证明"))];
        assert_eq!(objection(&whole), None);
        assert_eq!(request().granted(&decide(&whole)).keys().collect::<Vec<_>>(), ["name"]);
        let stray = [whole.as_slice(), &[("phone", Verdict::Accept)]].concat();
        assert_eq!(objection(&stray).as_deref(), Some("phone"));
    }
}
