//! The HTML face: one file a page.

use actix_web::web;

use crate::settings::Settings;

/// The table of addresses.
pub fn routes(_config: &mut web::ServiceConfig, _settings: &Settings) {}
