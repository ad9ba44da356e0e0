//! Accounts: who may sign in, with which role, over which ground.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt;
use uuid::Uuid;

use super::line::Pooled;
use super::refusal::rule;
use super::schema::{account, account_facility, session, token};
use super::{Registry, RegistryError, sign_in};
use crate::care::{Role, Text, Who, account_name};

/// An account about to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub name: Text,
    pub role: Role,
    pub region: Option<Text>,
    pub facilities: Vec<Uuid>,
    /// An Argon2id hash; `None` where only tokens shall be used.
    pub password: Option<String>,
}

/// An account as a list shows it.
#[derive(Debug, Clone)]
pub struct Account {
    pub who: Who,
    pub made_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// Makes an account; answers its number.
pub(super) async fn add(connection: &mut Pooled, new: NewAccount) -> Result<Uuid, RegistryError> {
    if new.role == Role::Operator {
        return Err(rule("/role", "the operator has a token and no account"));
    }
    if new.role == Role::Manager && new.facilities.is_empty() {
        return Err(rule("/facilities", "a manager needs a facility to keep"));
    }
    let name = account_name::read(&new.name).map_err(|error| rule("/name", error.to_string()))?;
    let folded = account_name::folded(&name);
    connection
        .transaction(async move |connection: &mut Pooled| {
            // Those who make accounts take turns: two names that look the same could be made at once.
            connection.batch_execute("SELECT pg_advisory_xact_lock(20583, 6)").await?;
            let names: Vec<String> = account::table.select(account::name).load(connection).await?;
            if let Some(held) = names.iter().find(|held| account_name::folded(held) == folded) {
                let why = if *held == name { "is taken" } else { "looks like one that is taken" };
                return Err(rule("/name", format!("the name \"{name}\" {why}")));
            }
            let id = Uuid::now_v7();
            diesel::insert_into(account::table)
                .values((
                    account::id.eq(id),
                    account::name.eq(&name),
                    account::folded.eq(&folded),
                    account::role.eq(new.role.code()),
                    account::region.eq(new.region.as_deref()),
                    account::password.eq(new.password),
                ))
                .execute(connection)
                .await?;
            let theirs: Vec<_> = new
                .facilities
                .iter()
                .map(|facility| (account_facility::account.eq(id), account_facility::facility.eq(*facility)))
                .collect();
            diesel::insert_into(account_facility::table).values(theirs).execute(connection).await?;
            Ok(id)
        })
        .await
}

/// Closes an account: its sessions and tokens end with it. Answers whether there was one.
pub(super) async fn close(connection: &mut Pooled, name: &str) -> Result<bool, RegistryError> {
    connection
        .transaction(async |connection: &mut Pooled| {
            let Some(id) = named(connection, name).await? else { return Ok(false) };
            let closed: Option<Uuid> =
                diesel::update(account::table.filter(account::id.eq(id).and(account::closed_at.is_null())))
                    .set(account::closed_at.eq(Utc::now()))
                    .returning(account::id)
                    .get_result(connection)
                    .await
                    .optional()?;
            let Some(id) = closed else { return Ok(false) };
            diesel::delete(session::table.filter(session::account.eq(id))).execute(connection).await?;
            diesel::delete(token::table.filter(token::account.eq(id))).execute(connection).await?;
            sign_in::forget_browsers(connection, id).await?;
            Ok(true)
        })
        .await
}

/// Gives an open account another password: its sessions end, for whoever knew the old one may have opened them. Answers
/// whether there was one.
async fn set_password(connection: &mut Pooled, name: &str, hash: String) -> Result<bool, RegistryError> {
    connection
        .transaction(async |connection: &mut Pooled| {
            let Some(id) = named(connection, name).await? else { return Ok(false) };
            let open = account::table.filter(account::id.eq(id).and(account::closed_at.is_null()));
            let changed: Option<Uuid> = diesel::update(open)
                .set(account::password.eq(Some(hash)))
                .returning(account::id)
                .get_result(connection)
                .await
                .optional()?;
            let Some(id) = changed else { return Ok(false) };
            diesel::delete(session::table.filter(session::account.eq(id))).execute(connection).await?;
            sign_in::forget_browsers(connection, id).await?;
            Ok(true)
        })
        .await
}

type Row = (Uuid, String, String, Option<String>, DateTime<Utc>, Option<DateTime<Utc>>);
const COLUMNS: (account::id, account::name, account::role, account::region, account::made_at, account::closed_at) =
    (account::id, account::name, account::role, account::region, account::made_at, account::closed_at);

async fn whole(connection: &mut Pooled, row: Row) -> Result<Account, RegistryError> {
    let (id, name, role, region, made_at, closed_at) = row;
    let unknown = || RegistryError::Internal(format!("account {name}: unknown role {role}"));
    let role = Role::from_code(&role).ok_or_else(unknown)?;
    let theirs = account_facility::table.filter(account_facility::account.eq(id)).select(account_facility::facility);
    let facilities = if role == Role::Manager { theirs.load(connection).await? } else { Vec::new() };
    let region = region.map(Text::from);
    let who = Who { account: Some(id), name: name.into(), role, region, facilities, only_reads: false };
    Ok(Account { who, made_at, closed_at })
}

/// Who stands behind an open account.
pub(super) async fn who(connection: &mut Pooled, id: Uuid) -> Result<Option<Who>, RegistryError> {
    let open = account::table.find(id).filter(account::closed_at.is_null());
    let row: Option<Row> = open.select(COLUMNS).first(connection).await.optional()?;
    match row {
        Some(row) => Ok(Some(whole(connection, row).await?.who)),
        None => Ok(None),
    }
}

/// The account of this name: the one that is written so, or else the one that looks the same.
pub(super) async fn named(connection: &mut Pooled, name: &str) -> Result<Option<Uuid>, RegistryError> {
    let exact = account::table.filter(account::name.eq(name)).select(account::id).first(connection).await.optional()?;
    if exact.is_some() {
        return Ok(exact);
    }
    let alike = account::table.filter(account::folded.eq(account_name::folded(name)));
    Ok(alike.select(account::id).first(connection).await.optional()?)
}

/// An open account by its name, and the hash of its password.
pub(super) async fn by_name(
    connection: &mut Pooled,
    name: &str,
) -> Result<Option<(Uuid, Option<String>)>, RegistryError> {
    let Some(id) = named(connection, name).await? else { return Ok(None) };
    let open = account::table.filter(account::id.eq(id).and(account::closed_at.is_null()));
    Ok(open.select((account::id, account::password)).first(connection).await.optional()?)
}

/// All accounts, by name.
pub(super) async fn all(connection: &mut Pooled) -> Result<Vec<Account>, RegistryError> {
    let rows: Vec<Row> = account::table.order(account::name).select(COLUMNS).load(connection).await?;
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        accounts.push(whole(connection, row).await?);
    }
    Ok(accounts)
}

impl Registry {
    /// Makes an account; answers its number.
    pub async fn add_account(&self, new: NewAccount) -> Result<Uuid, RegistryError> {
        self.line.ask(move |connection| add(connection, new).boxed()).await
    }

    /// Closes an account, with its sessions and tokens; answers whether there was an open one of this name.
    pub async fn close_account(&self, name: &str) -> Result<bool, RegistryError> {
        let name = name.to_owned();
        self.line.ask(move |connection| async move { close(connection, &name).await }.boxed()).await
    }

    /// Gives an open account another password, by its hash, and ends its sessions; answers whether there was one.
    pub async fn set_password(&self, name: &str, hash: String) -> Result<bool, RegistryError> {
        let name = name.to_owned();
        self.line.ask(move |connection| async move { set_password(connection, &name, hash).await }.boxed()).await
    }

    /// An open account's number and the hash of its password.
    pub async fn account(&self, name: &str) -> Result<Option<(Uuid, Option<String>)>, RegistryError> {
        let name = name.to_owned();
        self.line.ask(move |connection| async move { by_name(connection, &name).await }.boxed()).await
    }

    pub async fn accounts(&self) -> Result<Vec<Account>, RegistryError> {
        self.line.ask(|connection| all(connection).boxed()).await
    }
}
