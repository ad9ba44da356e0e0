//! The service as its users meet it: the real program over HTTP, its answers held against PostGIS.

mod changes;
mod coverage;
mod crash;
mod imports;
mod nearest;
mod oracle;
mod outage;
mod real;
mod refusals;
mod review;
mod rights;
mod server;
mod siting;
mod staff;
#[path = "../support/mod.rs"]
mod support;
mod writes;
