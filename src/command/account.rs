//! `silver-atlas account`: who may write. Until there are accounts, whoever holds an operator's token.

use clap::Subcommand;

use super::{Ended, Failed};
use crate::registry::{OPERATOR, Registry};

#[derive(Debug, Subcommand)]
pub enum AccountArgs {
    /// Make an API token and print it, once; requests carry it as "Authorization: Bearer TOKEN"
    Token {
        /// Who will hold it: written beside every change made with it
        name: String,
        /// How long it is good for
        #[arg(long, default_value_t = crate::registry::DEFAULT_DAYS, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
    },
}

pub async fn run(args: &AccountArgs, registry: &Registry) -> Result<Ended, Failed> {
    let AccountArgs::Token { name, days } = args;
    println!("{}", registry.make_token(name, OPERATOR, Some(*days)).await?);
    Ok(Ended::Done)
}
