//! The dossier column: licences, menu and staff of a facility in one `jsonb`, null where none is told.

use serde::{Deserialize, Serialize};

use super::RegistryError;
use super::copy::Rows;
use crate::care::{Facility, Licence, Meal, Staff};

/// What the column holds, read.
#[derive(Default, Deserialize)]
pub(super) struct Dossier {
    #[serde(default)]
    licences: Vec<Licence>,
    #[serde(default)]
    menu: Vec<Meal>,
    #[serde(default)]
    staff: Option<Box<Staff>>,
}

/// The same, about to be written.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(skip_serializing_if = "<[Licence]>::is_empty")]
    licences: &'a [Licence],
    #[serde(skip_serializing_if = "<[Meal]>::is_empty")]
    menu: &'a [Meal],
    #[serde(skip_serializing_if = "Option::is_none")]
    staff: Option<&'a Staff>,
}

impl Dossier {
    /// From the binary form of `jsonb`, whose first byte tells its form.
    pub fn read(column: Option<&[u8]>) -> Result<Dossier, RegistryError> {
        let Some(json) = column.and_then(|bytes| bytes.get(1..)) else { return Ok(Dossier::default()) };
        serde_json::from_slice(json).map_err(misread)
    }

    /// Puts it where it belongs.
    pub fn fill(self, facility: &mut Facility) {
        (facility.licences, facility.menu, facility.staff) = (self.licences, self.menu, self.staff);
    }
}

fn misread(error: serde_json::Error) -> RegistryError {
    RegistryError::Internal(format!("a dossier: {error}"))
}

/// Lays the column out.
pub(super) fn lay(rows: &mut Rows, facility: &Facility) {
    let Facility { licences, menu, staff, .. } = facility;
    let told = Told { licences, menu, staff: staff.as_deref() };
    let any = !licences.is_empty() || !menu.is_empty() || staff.is_some();
    rows.put(any.then_some(super::copy::Json(&told)));
}
