//! Change: one line of the log that everything else follows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Text;

/// What kind of record a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    Facility,
    Region,
    DemandPoint,
    Inspection,
    Target,
    Programme,
    Claim,
    Scenario,
}

impl Entity {
    pub const ALL: [Entity; 8] = [
        Entity::Facility,
        Entity::Region,
        Entity::DemandPoint,
        Entity::Inspection,
        Entity::Target,
        Entity::Programme,
        Entity::Claim,
        Entity::Scenario,
    ];

    /// Whether the map is drawn of it; the rest is only kept and logged.
    pub fn drawn(self) -> bool {
        matches!(self, Entity::Facility | Entity::Region | Entity::DemandPoint)
    }

    /// Whether its changes are for everybody.
    pub fn public(self) -> bool {
        !matches!(self, Entity::Inspection | Entity::Scenario)
    }

    pub fn code(self) -> &'static str {
        match self {
            Entity::Facility => "facility",
            Entity::Region => "region",
            Entity::DemandPoint => "demand_point",
            Entity::Inspection => "inspection",
            Entity::Target => "target",
            Entity::Programme => "programme",
            Entity::Claim => "claim",
            Entity::Scenario => "scenario",
        }
    }

    pub fn from_code(code: &str) -> Option<Entity> {
        Entity::ALL.into_iter().find(|entity| entity.code() == code)
    }
}

/// What was done to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Created,
    Updated,
    Deleted,
}

impl Action {
    pub const ALL: [Action; 3] = [Action::Created, Action::Updated, Action::Deleted];

    pub fn code(self) -> &'static str {
        match self {
            Action::Created => "created",
            Action::Updated => "updated",
            Action::Deleted => "deleted",
        }
    }

    pub fn from_code(code: &str) -> Option<Action> {
        Action::ALL.into_iter().find(|action| action.code() == code)
    }
}

/// One line of the log. `seq` numbers stand in the order in which the changes were committed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub seq: i64,
    pub at: DateTime<Utc>,
    /// Who, by role: `import`, `operator`.
    pub actor: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Uuid>,
    /// The change request that it fulfils.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Uuid>,
    /// The key under which a deleted record lives on: it was merged or renumbered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub becomes: Option<Text>,
    /// Why, in the words of whoever wrote it; for those who may look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    pub entity: Entity,
    /// The facility's id, the region's code or the demand point's id.
    pub key: Text,
    pub action: Action,
    /// The whole record before and after, as its JSON; `None` where there was or is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// The role of an actor, without the name: what everybody may know of who wrote something.
pub fn role_of(actor: &str) -> &str {
    actor.split_once(':').map_or(actor, |(role, _)| role)
}

impl Change {
    /// Who, by role only.
    pub fn by(&self) -> &str {
        role_of(&self.actor)
    }
}
