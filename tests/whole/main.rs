//! The service as its users meet it: the real program over HTTP, its answers held against PostGIS.

mod catchment;
mod changes;
mod contention;
mod coverage;
mod crash;
mod dossier;
mod edges;
mod faults;
mod hours;
mod imports;
mod interrupted;
mod limits;
mod nearest;
mod oracle;
mod outage;
mod past_days;
mod past_years;
mod people;
mod planner;
mod queues;
mod quiet;
mod real;
mod refusals;
mod register;
mod report;
mod review;
mod rights;
mod scenarios;
mod server;
mod siting;
mod staff;
mod storm;
#[path = "../support/mod.rs"]
mod support;
mod wire;
mod writes;
