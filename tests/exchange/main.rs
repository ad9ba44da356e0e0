//! Files in and out, from the bytes to the record.

mod edges;
mod files;
mod intake;
mod report;
mod round_trip;
#[path = "../support/mod.rs"]
mod support;
