//! Rights: who may do what on which ground. A right is a pair of role and scope, and it is decided here and nowhere else.

use uuid::Uuid;

use super::Text;

/// What somebody is to the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Keeps named facilities.
    Manager,
    /// Reads what is not public, and saves scenarios.
    Planner,
    /// Registers, rates, inspects and reviews in a region and everything below it.
    Bureau,
    /// Everything, everywhere; makes accounts.
    Admin,
    /// Whoever runs the service; holds the token of the first start.
    Operator,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Manager, Role::Planner, Role::Bureau, Role::Admin, Role::Operator];

    pub fn code(self) -> &'static str {
        match self {
            Role::Manager => "manager",
            Role::Planner => "planner",
            Role::Bureau => "bureau",
            Role::Admin => "admin",
            Role::Operator => "operator",
        }
    }

    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// See what is not public: who changed what, requests, inspections.
    Look,
    /// Tell what is live at once: capacity, meals, hours, phone, prices, temporary closure.
    Tell,
    /// Ask for any other change of a facility.
    Ask,
    /// Register, change any field, rate, inspect, decide requests, merge, take back.
    Register,
    /// Save scenarios, which change nothing of the record.
    Save,
    /// Make and close accounts.
    Govern,
}

impl Deed {
    pub const ALL: [Deed; 6] = [Deed::Look, Deed::Tell, Deed::Ask, Deed::Register, Deed::Save, Deed::Govern];
}

/// What a deed is about: a facility, or only a place in the tree of regions.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    pub facility: Option<Uuid>,
    /// The region and all regions that it lies in.
    pub regions: Vec<Text>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Who {
    /// `None` for the operator, who has no account.
    pub account: Option<Uuid>,
    pub name: Text,
    pub role: Role,
    /// The top of the role's region; `None`: everywhere (but for a manager, who has facilities).
    pub region: Option<Text>,
    pub facilities: Vec<Uuid>,
    /// Came with something that only reads: a token of scope `read`.
    pub only_reads: bool,
}

impl Who {
    /// Whoever runs the service.
    pub fn operator(name: Text, only_reads: bool) -> Who {
        Who { account: None, name, role: Role::Operator, region: None, facilities: Vec::new(), only_reads }
    }

    /// The one place where a right is decided.
    pub fn may(&self, deed: Deed, ground: &Ground) -> bool {
        if self.only_reads && deed != Deed::Look {
            return false;
        }
        let below = || self.region.as_ref().is_none_or(|top| ground.regions.contains(top));
        match self.role {
            Role::Operator | Role::Admin => true,
            Role::Bureau => deed != Deed::Govern && self.region.is_some() && below(),
            Role::Planner => matches!(deed, Deed::Look | Deed::Save) && below(),
            Role::Manager => {
                let theirs = ground.facility.is_some_and(|id| self.facilities.contains(&id));
                theirs && matches!(deed, Deed::Look | Deed::Tell | Deed::Ask)
            }
        }
    }

    /// How the log writes them: `manager:li`, and `operator` for whoever runs the service.
    pub fn actor(&self) -> Text {
        match self.role {
            Role::Operator => self.name.clone(),
            role => format!("{}:{}", role.code(), self.name).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(role: Role, region: Option<&str>, facilities: &[Uuid]) -> Who {
        let (region, facilities) = (region.map(Text::from), facilities.to_vec());
        Who { account: Some(Uuid::nil()), name: "someone".into(), role, region, facilities, only_reads: false }
    }

    /// Every role × every deed, inside its scope and outside.
    #[test]
    fn a_right_is_a_pair_of_role_and_scope() {
        let id = Uuid::from_u128(7);
        let inside = Ground { facility: Some(id), regions: vec!["3213".into(), "321302".into()] };
        let outside = Ground { facility: Some(Uuid::from_u128(8)), regions: vec!["3703".into(), "370403".into()] };
        let table: [(Role, [bool; 6], [bool; 6]); 5] = [
            (Role::Manager, [true, true, true, false, false, false], [false; 6]),
            (Role::Planner, [true, false, false, false, true, false], [false; 6]),
            (Role::Bureau, [true, true, true, true, true, false], [false; 6]),
            (Role::Admin, [true; 6], [true; 6]),
            (Role::Operator, [true; 6], [true; 6]),
        ];
        for (role, here, there) in table {
            let region = matches!(role, Role::Planner | Role::Bureau).then_some("3213");
            let who = who(role, region, &[id]);
            for (at, deed) in Deed::ALL.into_iter().enumerate() {
                assert_eq!(who.may(deed, &inside), here[at], "{role:?} {deed:?} inside");
                assert_eq!(who.may(deed, &outside), there[at], "{role:?} {deed:?} outside");
            }
        }
    }

    #[test]
    fn a_token_that_reads_never_writes_whoever_holds_it() {
        let who = Who { only_reads: true, ..who(Role::Admin, None, &[]) };
        let allowed = Deed::ALL.into_iter().filter(|deed| who.may(*deed, &Ground::default()));
        assert_eq!(allowed.collect::<Vec<_>>(), [Deed::Look]);
    }

    #[test]
    fn a_bureau_that_has_no_region_reaches_nothing() {
        assert!(!who(Role::Bureau, None, &[]).may(Deed::Register, &Ground::default()));
    }
}
