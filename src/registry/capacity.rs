//! Capacity as managers tell it: several facilities in one transaction, each write with a line of its own in the log.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text as SqlText, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::Value;
use uuid::Uuid;

use super::copy::{Rows, count, whole};
use super::line::Pooled;
use super::refusal::rule;
use super::schema::kind_measure;
use super::{RegistryError, Written, facility};
use crate::care::change::role_of;
use crate::care::draft::CapacityDraft;
use crate::care::{Action, Capacity, Change, Entity, Facility, Text};

/// The columns of the table, in the order in which they are laid out.
pub(super) const COLUMNS: &str = "facility, measure, total, nursing, occupied, as_of, source";

/// What somebody tells of one facility, on the version that they saw.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub id: Uuid,
    pub expected: i64,
    pub figures: Vec<CapacityDraft>,
    pub actor: Text,
}

/// What became of each of several tellings, in their order.
pub(super) struct Outcome {
    /// `None`: somebody else keeps the facility just now.
    pub answers: Vec<Option<Result<Written, RegistryError>>>,
    /// The number of the last change before these, and these.
    pub changes: (i64, Vec<Change>),
}

/// Writes all that may be written, in one transaction and in the order in which it was told.
pub(super) async fn write(connection: &mut Pooled, told: &[Told], wait: bool) -> Result<Outcome, RegistryError> {
    connection
        .transaction(async move |connection: &mut Pooled| {
            let mut ids: Vec<Uuid> = told.iter().map(|told| told.id).collect();
            ids.sort_unstable();
            ids.dedup();
            let before = facility::lock(connection, &ids, wait).await?;
            let known = match before.len() == ids.len() || wait {
                true => ids,
                false => facility::known(connection, &ids).await?,
            };
            let measures = measures(connection, &before).await?;
            let mut now = before.clone();
            let mut answers = Vec::with_capacity(told.len());
            let mut steps = Vec::new();
            for told in told {
                answers.push(match now.get_mut(&told.id) {
                    None if known.contains(&told.id) && !wait => None,
                    None => Some(Err(RegistryError::NotFound)),
                    Some(held) if held.version != told.expected => {
                        Some(Err(RegistryError::Stale(Box::new(held.clone()))))
                    }
                    Some(held) => Some(take(held, told, &measures).map(|after| {
                        let before = std::mem::replace(held, after.clone());
                        steps.push((answers.len(), told.actor.clone(), before, after.clone()));
                        Written { facility: after, seq: 0 }
                    })),
                });
            }
            if steps.is_empty() {
                return Ok(Outcome { answers, changes: (0, Vec::new()) });
            }
            settle(connection, &before, &now).await?;
            // The log comes last: from here to the end of the transaction, every other writer waits.
            let (head, changes) = append(connection, &steps).await?;
            for ((at, ..), change) in steps.iter().zip(&changes) {
                if let Some(Some(Ok(written))) = answers.get_mut(*at) {
                    written.seq = change.seq;
                }
            }
            Ok(Outcome { answers, changes: (head, changes) })
        })
        .await
}

/// The measures of the kinds of these facilities.
async fn measures(
    connection: &mut Pooled,
    held: &HashMap<Uuid, Facility>,
) -> Result<HashMap<String, Vec<String>>, RegistryError> {
    let kinds: Vec<&str> = held.values().map(|held| &*held.kind).collect();
    let rows: Vec<(String, String)> = kind_measure::table
        .filter(kind_measure::kind.eq_any(kinds))
        .select((kind_measure::kind, kind_measure::measure))
        .load(connection)
        .await?;
    let mut measures: HashMap<String, Vec<String>> = HashMap::new();
    for (kind, measure) in rows {
        measures.entry(kind).or_default().push(measure);
    }
    Ok(measures)
}

/// The facility as it will be. Figures that are told again are confirmed: they are as of now.
fn take(before: &Facility, told: &Told, measures: &HashMap<String, Vec<String>>) -> Result<Facility, RegistryError> {
    if told.figures.is_empty() {
        return Err(rule("", "no capacity was told"));
    }
    let now = whole(Utc::now());
    let mut after = before.clone();
    for mut draft in told.figures.iter().cloned() {
        let measure = draft.measure.clone();
        let has = measures.get(&*before.kind).is_some_and(|has| has.iter().any(|has| **has == *measure));
        if !has {
            return Err(rule(format!("/{measure}"), format!("a facility of this kind has no {measure}")));
        }
        draft.as_of = Some(draft.as_of.map_or(now, whole));
        // Everybody sees the source: the role, and not the name.
        after.take_capacity(draft, Some(role_of(&told.actor).into()), now);
        check(after.capacity_of(&measure))?;
    }
    if !after.written(before, now) {
        after.version += 1;
        after.updated_at = now;
    }
    Ok(after)
}

fn check(told: Option<&Capacity>) -> Result<(), RegistryError> {
    let Some(told) = told else { return Ok(()) };
    for (name, figure) in [("total", told.total), ("nursing", told.nursing), ("occupied", told.occupied)] {
        count(figure, &format!("/{}/{name}", told.measure))?;
    }
    match (told.nursing, told.total) {
        (Some(nursing), Some(total)) if nursing > total => Err(rule(
            format!("/{}/nursing", told.measure),
            format!("nursing capacity ({nursing}) is more than the total ({total})"),
        )),
        _ => Ok(()),
    }
}

/// Brings the tables from what was to what is, one statement a table however many facilities there are.
async fn settle(
    connection: &mut Pooled,
    before: &HashMap<Uuid, Facility>,
    now: &HashMap<Uuid, Facility>,
) -> Result<(), RegistryError> {
    // In the order of ids, as everybody takes them.
    let moved: BTreeMap<Uuid, (&Facility, &Facility)> = now
        .iter()
        .filter_map(|(id, now)| Some((*id, (before.get(id)?, now))))
        .filter(|(_, (before, now))| before.version != now.version)
        .collect();
    let mut figures = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut gone, mut gone_measures) = (Vec::new(), Vec::new());
    for (id, (before, now)) in &moved {
        for told in now.capacity.iter().filter(|told| before.capacity_of(&told.measure) != Some(told)) {
            figures.0.push(*id);
            figures.1.push(told.measure.to_string());
            figures.2.push(count(told.total, "/total")?);
            figures.3.push(count(told.nursing, "/nursing")?);
            figures.4.push(count(told.occupied, "/occupied")?);
            figures.5.push(told.as_of);
            figures.6.push(told.source.as_deref().map(str::to_owned));
        }
        for held in before.capacity.iter().filter(|held| now.capacity_of(&held.measure).is_none()) {
            gone.push(*id);
            gone_measures.push(held.measure.to_string());
        }
    }
    if !gone.is_empty() {
        diesel::sql_query(
            "DELETE FROM capacity USING unnest($1, $2) AS gone (facility, measure) \
             WHERE capacity.facility = gone.facility AND capacity.measure = gone.measure",
        )
        .bind::<Array<SqlUuid>, _>(gone)
        .bind::<Array<SqlText>, _>(gone_measures)
        .execute(connection)
        .await?;
    }
    diesel::sql_query(
        "INSERT INTO capacity (facility, measure, total, nursing, occupied, as_of, source) \
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (facility, measure) DO UPDATE SET total = excluded.total, nursing = excluded.nursing, \
             occupied = excluded.occupied, as_of = excluded.as_of, source = excluded.source",
    )
    .bind::<Array<SqlUuid>, _>(figures.0)
    .bind::<Array<SqlText>, _>(figures.1)
    .bind::<Array<Nullable<Integer>>, _>(figures.2)
    .bind::<Array<Nullable<Integer>>, _>(figures.3)
    .bind::<Array<Nullable<Integer>>, _>(figures.4)
    .bind::<Array<Timestamptz>, _>(figures.5)
    .bind::<Array<Nullable<SqlText>>, _>(figures.6)
    .execute(connection)
    .await?;
    diesel::sql_query(
        "UPDATE facility SET version = now.version, updated_at = now.updated_at \
         FROM unnest($1, $2, $3) AS now (id, version, updated_at) WHERE facility.id = now.id",
    )
    .bind::<Array<SqlUuid>, _>(moved.keys().copied().collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(moved.values().map(|(_, now)| now.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(moved.values().map(|(_, now)| now.updated_at).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    head: i64,
}

/// Appends a line for each step, in order; answers the number that was the last before, and the lines.
async fn append(
    connection: &mut Pooled,
    steps: &[(usize, Text, Facility, Facility)],
) -> Result<(i64, Vec<Change>), RegistryError> {
    let json = |facility: &Facility| {
        serde_json::to_value(facility).map_err(|error| RegistryError::Internal(error.to_string()))
    };
    let befores = steps.iter().map(|(_, _, before, _)| json(before)).collect::<Result<Vec<Value>, _>>()?;
    let afters = steps.iter().map(|(.., after)| json(after)).collect::<Result<Vec<Value>, _>>()?;
    // A statement of its own: the next one must see what was committed while this one waited.
    connection.batch_execute("SELECT change_take_turn()").await?;
    let rows: Vec<Numbered> = diesel::sql_query(
        "INSERT INTO change (at, actor, entity, key, action, before, after) \
         SELECT clock_timestamp(), actor, 'facility', key, 'updated', before, after \
         FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS told (actor, key, before, after, place) ORDER BY place \
         RETURNING seq, at, (SELECT coalesce(max(seq), 0) FROM change) AS head",
    )
    .bind::<Array<SqlText>, _>(steps.iter().map(|(_, actor, ..)| actor.to_string()).collect::<Vec<_>>())
    .bind::<Array<SqlText>, _>(steps.iter().map(|(.., after)| after.id.to_string()).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(&befores)
    .bind::<Array<Jsonb>, _>(&afters)
    .load(connection)
    .await?;
    let head = rows.iter().map(|row| row.head).next().unwrap_or(0);
    let lines = rows.into_iter().zip(steps).zip(befores.into_iter().zip(afters));
    let change =
        |((row, (_, actor, _, after)), (before, now)): ((Numbered, &(usize, Text, Facility, Facility)), _)| Change {
            seq: row.seq,
            at: row.at,
            actor: actor.clone(),
            batch: None,
            request: None,
            becomes: None,
            entity: Entity::Facility,
            key: after.id.to_string().into(),
            action: Action::Updated,
            before: Some(before),
            after: Some(now),
        };
    Ok((head, lines.map(change).collect()))
}

/// Lays one measure of a facility out as a row.
pub(super) fn lay(rows: &mut Rows, id: Uuid, told: &Capacity) -> Result<(), RegistryError> {
    rows.row(7)
        .put(id)
        .put(&*told.measure)
        .put(count(told.total, "/capacity/total")?)
        .put(count(told.nursing, "/capacity/nursing")?)
        .put(count(told.occupied, "/capacity/occupied")?)
        .put(told.as_of)
        .put(told.source.as_deref());
    Ok(())
}
