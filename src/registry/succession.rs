//! Successions: two records of one facility merged, a region merged or renumbered, a mistaken record withdrawn. The old
//! key lives on in the log.

use std::sync::Arc;

use futures_util::FutureExt;
use uuid::Uuid;

use super::edit::Deal;
use super::facility::{self, Which};
use super::line::Purpose;
use super::refusal::{rule, within_limit};
use super::{Edit, Registry, RegistryError, Written, batch, inspection, population, region, scenario};
use crate::care::fields;
use crate::care::{Entity, Succession, Text};

/// Takes the requests that wait about a facility before the facility itself, as whoever decides one does: two who hold what
/// the other waits for would never end.
async fn take_requests(deal: &Deal, facility: Uuid) -> Result<(), RegistryError> {
    let sql = "SELECT 1 FROM change_request WHERE facility = $1 AND state = 'pending' ORDER BY id FOR UPDATE";
    deal.client.execute(sql, &[&facility]).await?;
    Ok(())
}

impl Registry {
    /// Merges a duplicate into the facility that stays, on the versions that the reviewer saw. `take` names the fields whose
    /// values the duplicate knows better; all others stay as the survivor has them. Both histories are kept.
    pub async fn merge(
        &self,
        (from, from_version): (Uuid, Option<i64>),
        (into, into_version): (Uuid, Option<i64>),
        take: Vec<String>,
        actor: &str,
    ) -> Result<Written, RegistryError> {
        if from == into {
            return Err(RegistryError::Conflict("A facility cannot be merged into itself.".to_owned()));
        }
        let (line, actor) = (Arc::clone(&self.line), Text::from(actor));
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, None).await?;
            take_requests(&deal, from).await?;
            // In the order of ids, so that two who merge never wait for each other.
            let (gone, held) = if from < into {
                let gone = deal.facility(from, from_version).await?;
                (gone, deal.facility(into, into_version).await?)
            } else {
                let held = deal.facility(into, into_version).await?;
                (deal.facility(from, from_version).await?, held)
            };
            let mut after = held.clone();
            fields::restore(&mut after, &fields::values(&gone, take.iter()))
                .map_err(|error| RegistryError::Internal(error.to_string()))?;
            let (old, new) = (from, into);
            deal.client
                .execute(
                    "INSERT INTO account_facility SELECT account, $2 FROM account_facility WHERE facility = $1 \
                     ON CONFLICT DO NOTHING",
                    &[&old, &new],
                )
                .await?;
            for sql in [
                "UPDATE change_request SET facility = $2 WHERE facility = $1",
                "UPDATE correction SET facility = $2 WHERE facility = $1",
                "UPDATE idempotency SET facility = $2 WHERE facility = $1",
                "UPDATE rating SET facility = $2, superseded_at = coalesce(superseded_at, now()) WHERE facility = $1",
            ] {
                deal.client.execute(sql, &[&old, &new]).await?;
            }
            inspection::follow(&mut deal, old, new).await?;
            deal.client.execute("DELETE FROM facility WHERE id = $1", &[&old]).await?;
            deal.lines.remove(Entity::Facility, &old.to_string(), &gone, &new.to_string());
            let facility = deal.write(Some(held), after).await?;
            Ok(Written { facility, seq: deal.commit().await? })
        };
        self.line.at_home(task.boxed()).await
    }

    /// Takes a facility that was registered by mistake out of the record, on the version that the writer saw. The log keeps
    /// it and says why; what waited about it waits no longer. Answers the number of the change.
    pub async fn withdraw_facility(
        &self,
        id: Uuid,
        expected: i64,
        reason: &str,
        actor: &str,
    ) -> Result<i64, RegistryError> {
        let (line, actor, reason) = (Arc::clone(&self.line), Text::from(actor), Text::from(reason.trim()));
        if reason.is_empty() {
            return Err(rule("/reason", "a withdrawal needs a reason"));
        }
        within_limit("reason", &reason)?;
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, None).await?;
            take_requests(&deal, id).await?;
            let gone = deal.facility(id, Some(expected)).await?;
            if deal.client.query_opt("SELECT 1 FROM inspection WHERE facility = $1 LIMIT 1", &[&id]).await?.is_some() {
                let why = "It was inspected, so it was there: close it, or merge it into the record that stays.";
                return Err(RegistryError::Conflict(why.to_owned()));
            }
            for sql in [
                "UPDATE change_request SET state = 'withdrawn', decided_at = clock_timestamp(), decided_by = $2 \
                 WHERE facility = $1 AND state = 'pending'",
                "UPDATE correction SET done_at = clock_timestamp(), done_by = $2, phone = NULL \
                 WHERE facility = $1 AND done_at IS NULL",
            ] {
                deal.client.execute(sql, &[&id, &&*actor]).await?;
            }
            deal.client.execute("DELETE FROM facility WHERE id = $1", &[&id]).await?;
            deal.lines.withdraw(Entity::Facility, &id.to_string(), &gone, &reason);
            deal.commit().await
        };
        self.line.at_home(task.boxed()).await
    }

    /// A region becomes another: its facilities, people, children and accounts go there, each with its line in the log, and
    /// the old code leads to the new one. Answers the number of the last change, and what went along.
    pub async fn succeed_region(&self, old: &str, new: &str, actor: &str) -> Result<(i64, Succession), RegistryError> {
        if old == new {
            return Err(RegistryError::Conflict("A region cannot become itself.".to_owned()));
        }
        let (line, actor, old, new) = (Arc::clone(&self.line), Text::from(actor), Text::from(old), Text::from(new));
        let task = async move {
            let mut deal = Deal::begin_for(&line, &actor, None, Purpose::Bulk).await?;
            // Imports wait: a file that is being read may name the old code.
            deal.client.batch_execute("SELECT pg_advisory_xact_lock(20583, 2)").await?;
            let regions = region::read(&deal.client).await?;
            let known = |code: &str| {
                let found = regions.iter().find(|region| *region.code == *code);
                found.ok_or_else(|| RegistryError::Conflict(format!("There is no region \"{code}\".")))
            };
            let (gone, _) = (known(&old)?.clone(), known(&new)?);
            let children = regions.iter().filter(|region| region.parent.as_ref() == Some(&old) && region.code != new);
            let children: Vec<_> = children
                .map(|child| Edit {
                    before: Some(child.clone()),
                    after: crate::care::Region { parent: Some(new.clone()), ..child.clone() },
                })
                .collect();
            region::write(&deal.client, &children).await?;
            for Edit { before, after } in &children {
                deal.lines.add(Entity::Region, &after.code, before.as_ref(), after);
            }
            // The successor may have lain in the old one: then it takes its place in the tree.
            if let Some(lower) =
                regions.iter().find(|region| region.code == new && region.parent.as_ref() == Some(&old))
            {
                let edit = Edit {
                    before: Some(lower.clone()),
                    after: crate::care::Region { parent: gone.parent.clone(), ..lower.clone() },
                };
                region::write(&deal.client, std::slice::from_ref(&edit)).await?;
                deal.lines.add(Entity::Region, &new, edit.before.as_ref(), &edit.after);
            }
            let people = population::read(&deal.client).await?;
            let people = people.into_iter().filter(|point| point.region.as_ref() == Some(&old)).map(|point| {
                let after = crate::care::DemandPoint { region: Some(new.clone()), ..point.clone() };
                Edit { before: Some(point), after }
            });
            let people: Vec<_> = people.collect();
            population::write(&deal.client, &people).await?;
            for Edit { before, after } in &people {
                deal.lines.add(Entity::DemandPoint, &after.id.to_string(), before.as_ref(), after);
            }
            let named = "CREATE TEMP TABLE moving (id uuid) ON COMMIT DROP";
            deal.client.batch_execute(named).await?;
            let sql = "WITH held AS (SELECT id FROM facility WHERE region = $1 ORDER BY id FOR UPDATE) \
                       INSERT INTO moving SELECT id FROM held";
            deal.client.execute(sql, &[&&*old]).await?;
            let edits = facility::read(&deal.client, Which::In("moving")).await?.into_iter().map(|held| {
                let mut after = held.clone();
                after.region = Some(new.clone());
                after.written(&held, chrono::Utc::now());
                Edit { before: Some(held), after }
            });
            let edits: Vec<_> = edits.collect();
            batch::write_facilities(&deal.client, &edits, &mut deal.lines).await?;
            let sql = "UPDATE account SET region = $2 WHERE region = $1 RETURNING id";
            let accounts = deal.client.query(sql, &[&&*old, &&*new]).await?;
            for account in &accounts {
                // The log is read by others, so it has their number alone; the server's own log tells by id, not by name.
                tracing::info!(account = %account.get::<_, Uuid>(0), %old, %new, "an account goes with its region");
            }
            let went = Succession {
                facilities: edits.len(),
                regions: children.len(),
                demand_points: people.len(),
                accounts: accounts.len(),
                scenarios: scenario::follow(&mut deal, &old, &new).await?,
            };
            deal.client.execute("DELETE FROM region WHERE code = $1", &[&&*old]).await?;
            deal.lines.succeed(Entity::Region, &old, &gone, &new, &went.written());
            Ok((deal.commit().await?, went))
        };
        self.line.unlimited(task.boxed()).await
    }
}
