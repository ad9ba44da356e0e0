//! What both faces share: the application, problems, parameters, languages, representations and the page frame.

pub mod address;
pub mod app;
pub mod catchment;
pub mod client;
pub mod connection;
pub mod cors;
pub mod filter;
pub mod frame;
pub mod jobs;
pub mod lang;
pub mod links;
pub mod listener;
pub mod named;
pub mod no_plan;
pub mod parameters;
pub mod problem;
pub mod question;
pub mod remembered;
pub mod report;
pub mod representation;
pub mod resource;
pub mod review;
pub mod scenario;
pub mod seam;
pub mod sheets;
pub mod sight;
pub mod siting;
pub mod turns;
pub mod views;
pub mod who;
pub mod wire;

pub use app::App;
pub use lang::Lang;
pub use parameters::Parameters;
pub use problem::{Code, Problem};
