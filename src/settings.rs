//! Settings: one struct; every field names its option, its variable and its default. Nothing else reads the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono_tz::Tz;
use clap::Args;

/// What an operator may choose. Each option has a variable; the option wins.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Where the private database and its locks live
    #[arg(long, env = "SILVER_ATLAS_DATA_DIR", default_value = "data", global = true)]
    pub data_dir: PathBuf,

    /// A PostgreSQL with PostGIS to use instead of the private one
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,

    /// Folder of the PostgreSQL server programs (initdb, postgres, pg_ctl); found by itself where not given
    #[arg(long, env = "SILVER_ATLAS_POSTGRES_BIN", global = true)]
    pub postgres_bin: Option<PathBuf>,

    /// Time zone in which days turn and opening hours are read
    #[arg(long, env = "SILVER_ATLAS_TIME_ZONE", default_value = "Asia/Shanghai", global = true)]
    pub time_zone: Tz,

    /// Folder of the built map assets; without it the pages show their lists
    #[arg(long, env = "SILVER_ATLAS_ASSETS", default_value = "assets/dist", global = true)]
    pub assets: PathBuf,

    /// Phone number that every page gives for help; left out where not set
    #[arg(long, env = "SILVER_ATLAS_HELP_PHONE", global = true)]
    pub help_phone: Option<String>,

    /// A file of the bureau's own standards of distance, in the place of those that come with the program
    #[arg(long, env = "SILVER_ATLAS_STANDARDS", global = true)]
    pub standards: Option<PathBuf>,

    /// A folder of calendars of public holidays, one TOML file a year, such as seed/holidays/cn-2026.toml: each in the
    /// place of the one that comes with the program, or for a year that it does not know yet
    #[arg(long, env = "SILVER_ATLAS_HOLIDAYS", global = true)]
    pub holidays: Option<PathBuf>,

    /// A proxy that speaks TLS stands before the service: its word on https, and the last
    /// address in X-Forwarded-For, which is the one that it saw, are believed
    #[arg(long, env = "SILVER_ATLAS_BEHIND_PROXY", global = true)]
    pub behind_proxy: bool,

    /// Where the figures for Prometheus are given, at /metrics; nowhere where not set. Keep it off the public network
    #[arg(long, env = "SILVER_ATLAS_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<SocketAddr>,

    /// What is logged: a tracing filter, such as `info` or `silver_atlas=debug`
    #[arg(long, env = "SILVER_ATLAS_LOG", default_value = "info", global = true)]
    pub log: String,
}
