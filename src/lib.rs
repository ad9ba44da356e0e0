//! Silver Atlas (银龄地图): a facility registry and elderly-care resource map. ARCHITECTURE.md shows the house.

pub mod analysis;
pub mod api;
pub mod atlas;
pub mod care;
pub mod command;
pub mod exchange;
pub mod feed;
pub mod http;
pub mod intake;
pub mod pages;
pub mod past;
pub mod quiet;
pub mod registry;
pub mod serve;
pub mod settings;

/// Half of what the program does is to make small texts and let them go, on every core at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
