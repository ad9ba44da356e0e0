//! `silver-atlas account`: who may sign in and write, made by whoever runs the service.

use std::io::{BufRead, IsTerminal};

use clap::{Subcommand, ValueEnum};
use uuid::Uuid;

use super::{Ended, Failed};
use crate::care::kind::nearest_word;
use crate::care::{Role, account_name, password};
use crate::registry::{Account, DEFAULT_DAYS, NewAccount, NewToken, Registry};

#[derive(Debug, Clone, Subcommand)]
pub enum AccountArgs {
    /// Make an account to sign in with; without --password-stdin a password is made and printed, once
    Add {
        name: String,
        #[arg(long, value_enum)]
        role: AccountRole,
        /// The region that the role reaches over, with everything below it
        #[arg(long)]
        region: Option<String>,
        /// A facility that a manager keeps; may be given several times
        #[arg(long = "facility")]
        facilities: Vec<Uuid>,
        /// Read the password from standard input, one line
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account another password and end its sessions; without --password-stdin one is made and printed, once
    Password {
        name: String,
        /// Read the password from standard input, one line
        #[arg(long)]
        password_stdin: bool,
    },
    /// Close an account, with its sessions and tokens
    Close { name: String },
    /// List the accounts
    List,
    /// Make an API token and print it, once; requests carry it as "Authorization: Bearer TOKEN"
    Token {
        /// An account; with --operator, or before there is any account, who will hold a token of the operator's
        name: String,
        /// A token of the operator's, who may do everything
        #[arg(long)]
        operator: bool,
        /// How long it is good for
        #[arg(long, default_value_t = DEFAULT_DAYS, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
        /// What it may be used for: never more than the account may
        #[arg(long, value_enum, default_value = "write")]
        scope: Scope,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum AccountRole {
    Manager,
    Planner,
    Bureau,
    Admin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    Read,
    Write,
}

pub async fn run(args: AccountArgs, registry: &Registry) -> Result<Ended, Failed> {
    match args {
        AccountArgs::Add { name, role, region, facilities, password_stdin } => {
            let role = match role {
                AccountRole::Manager => Role::Manager,
                AccountRole::Planner => Role::Planner,
                AccountRole::Bureau => Role::Bureau,
                AccountRole::Admin => Role::Admin,
            };
            let (made, hash) = chosen(password_stdin)?;
            let name = account_name::read(&name).map_err(|error| Failed::Service(error.to_string()))?;
            let new = NewAccount {
                name: name.as_str().into(),
                role,
                region: region.map(Into::into),
                facilities,
                password: Some(hash),
            };
            registry.add_account(new).await?;
            match made {
                Some(made) => println!("account {name} ({}), password, shown this once: {made}", role.code()),
                None => println!("account {name} ({})", role.code()),
            }
        }
        AccountArgs::Password { name, password_stdin } => {
            let (made, hash) = chosen(password_stdin)?;
            if !registry.set_password(&name, hash).await? {
                return Err(Failed::Service(format!("there is no open account \"{name}\"")));
            }
            match made {
                Some(made) => println!("account {name}, password, shown this once: {made}"),
                None => println!("account {name} has another password; its sessions ended"),
            }
        }
        AccountArgs::Close { name } => {
            if !registry.close_account(&name).await? {
                return Err(Failed::Service(format!("there is no open account \"{name}\"")));
            }
            println!("account {name} is closed; its sessions and tokens ended with it");
        }
        AccountArgs::List => {
            let accounts = registry.accounts().await?;
            let looks: Vec<String> = accounts.iter().map(|account| account_name::folded(&account.who.name)).collect();
            for (at, account) in accounts.iter().enumerate() {
                let state = if account.closed_at.is_some() { "closed" } else { "open" };
                let who = &account.who;
                let ground = who.region.as_deref().map_or_else(
                    || {
                        if who.facilities.is_empty() {
                            "everywhere".to_owned()
                        } else {
                            format!("{} facilities", who.facilities.len())
                        }
                    },
                    str::to_owned,
                );
                // Made before names that look the same were one.
                let same = |(other, look): (usize, &String)| other != at && *look == looks[at];
                let alike = if looks.iter().enumerate().any(same) { "\tits name looks like another's" } else { "" };
                println!("{}\t{}\t{ground}\t{state}{alike}", who.name, who.role.code());
            }
        }
        AccountArgs::Token { name, operator, days, scope } => {
            let operators = NewToken::operators(name.as_str().into(), Some(days));
            let accounts = registry.accounts().await?;
            let exact = accounts.iter().find(|known| *known.who.name == *name);
            let look = account_name::folded(&name);
            let alike = || accounts.iter().find(|known| account_name::folded(&known.who.name) == look);
            let new = match exact.or_else(alike) {
                _ if operator || accounts.is_empty() => operators,
                Some(Account { who, closed_at: None, .. }) => {
                    NewToken { account: who.account, role: who.role, ..operators }
                }
                Some(_) => return Err(Failed::Service(format!("the account \"{name}\" is closed"))),
                None => return Err(Failed::Service(unknown(&name, &accounts))),
            };
            println!("{}", registry.make_token(NewToken { only_reads: scope == Scope::Read, ..new }).await?);
        }
    }
    Ok(Ended::Done)
}

fn unknown(name: &str, accounts: &[Account]) -> String {
    let open = accounts.iter().filter(|known| known.closed_at.is_none()).map(|known| &*known.who.name);
    let near = nearest_word(name, open).map_or_else(String::new, |near| format!(", is it \"{near}\"?"));
    format!("there is no account \"{name}\"{near}; a token of the operator's is made with --operator")
}

/// A password that was typed, or one that is made up and must be shown; and its hash.
fn chosen(typed_in: bool) -> Result<(Option<String>, String), Failed> {
    let made = (!typed_in).then(made_up);
    let word = match &made {
        Some(made) => made.clone(),
        None => typed().map_err(Failed::Service)?,
    };
    let hash = password::hash(&word).map_err(|error| Failed::Service(error.to_string()))?;
    Ok((made, hash))
}

/// A password that nobody has thought of: 20 letters and digits that are not mistaken for each other.
fn made_up() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    (0..20).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())])).collect()
}

fn typed() -> Result<String, String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("password (one line; it will show):");
    }
    let mut line = String::new();
    input.lock().read_line(&mut line).map_err(|error| format!("the password cannot be read: {error}"))?;
    // As forms send it: blanks around a password that was pasted are none of it.
    Ok(line.trim().to_owned())
}
