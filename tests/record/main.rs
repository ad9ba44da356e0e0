//! The record, tested against a real database.

mod account;
mod batch;
mod capacity;
mod cluster;
mod dossier;
mod gis;
mod inspection;
mod ledger;
mod log;
mod request;
mod sample;
mod scenario;
mod schema;
mod snapshots;
mod succession;
#[path = "../support/mod.rs"]
mod support;
mod token;
