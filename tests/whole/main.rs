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
mod report;
mod review;
mod rights;
mod server;
mod staff;
#[path = "../support/mod.rs"]
mod support;
mod writes;
