//! `silver-atlas migrate`: bring the database's schema up to date. Every command that opens the registry does so too.

use super::{Outcome, opening};
use crate::settings::Settings;

pub async fn run(settings: Settings) -> Result<Outcome, String> {
    opening::with_registry(&settings, async |_| {
        println!("the database's schema is up to date");
        Ok(Outcome::Done)
    })
    .await
}
