//! The plate: the press's own connection with its statements made ready. A whole group goes to the disk in two exchanges.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::capacity::take;
use super::copy::{count, whole};
use super::facility::{self, Which};
use super::line::Line;
use super::press::Told;
use super::{RegistryError, Written};
use crate::care::{Action, Change, Entity, Facility, Text};

/// A connection that rested longer is tried no more but made anew: the database may have been restarted.
const REST: Duration = Duration::from_secs(2);

/// What became of each of several tellings, in their order.
pub(super) struct Outcome {
    /// `None`: somebody else keeps the facility just now.
    pub answers: Vec<Option<Result<Written, RegistryError>>>,
    /// The number of the last change before these, and these.
    pub changes: (i64, Vec<Change>),
}

pub(super) struct Plate {
    client: Client,
    lock: Statement,
    forget: Statement,
    tell: Statement,
    mark: Statement,
    turn: Statement,
    log: Statement,
    used: Instant,
}

/// One telling that stands: its place among the answers, who told it, and the facility before and after.
struct Step {
    at: usize,
    actor: Text,
    before: Arc<Facility>,
    after: Arc<Facility>,
}

impl Plate {
    pub async fn make(line: &Arc<Line>) -> Result<Plate, RegistryError> {
        let client = line.client().await?;
        let prepare = |sql: &'static str| client.prepare(sql);
        let (lock, forget, tell, mark, turn, log, pid) = tokio::try_join!(
                biased;
            prepare("SELECT id, version FROM facility WHERE id = ANY ($1) ORDER BY id FOR UPDATE SKIP LOCKED"),
            prepare(
                "DELETE FROM capacity USING unnest($1::uuid[], $2::text[]) AS gone (facility, measure) \
                 WHERE capacity.facility = gone.facility AND capacity.measure = gone.measure"
            ),
            prepare(
                "INSERT INTO capacity (facility, measure, total, nursing, occupied, as_of, source) \
                 SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[], $6::timestamptz[], $7::text[]) \
                 ON CONFLICT (facility, measure) DO UPDATE SET total = excluded.total, nursing = excluded.nursing, \
                     occupied = excluded.occupied, as_of = excluded.as_of, source = excluded.source"
            ),
            prepare(
                "UPDATE facility SET version = now.version, updated_at = now.updated_at \
                 FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS now (id, version, updated_at) \
                 WHERE facility.id = now.id"
            ),
            // A statement of its own: the next one must see what was committed while this one waited.
            prepare("SELECT change_take_turn()"),
            prepare(
                "INSERT INTO change (at, actor, entity, key, action, before, after) \
                 SELECT clock_timestamp(), actor, 'facility', key, 'updated', before, after \
                 FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::jsonb[]) \
                     WITH ORDINALITY AS told (actor, key, before, after, place) ORDER BY place \
                 RETURNING seq, at, (SELECT coalesce(max(seq), 0) FROM change) AS head"
            ),
            client.query_one("SELECT pg_backend_pid()", &[]),
        )?;
        line.own_writer.store(pid.get(0), Ordering::Relaxed);
        Ok(Plate { client, lock, forget, tell, mark, turn, log, used: Instant::now() })
    }

    pub fn fresh(&self) -> bool {
        !self.client.is_closed() && self.used.elapsed() < REST
    }

    /// Writes all that may be written, in one transaction and in the order in which it was told. After an error the plate
    /// is to be thrown away, and with it what was not committed.
    pub async fn print(&mut self, told: &[Told]) -> Result<Outcome, RegistryError> {
        let mut ids: Vec<Uuid> = told.iter().map(|told| told.saw.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let begin = self.client.batch_execute("BEGIN");
        let (_, rows) = tokio::try_join!(biased; begin, async { self.client.query(&self.lock, &[&ids]).await })?;
        let versions: HashMap<Uuid, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let mut now: HashMap<Uuid, Arc<Facility>> = HashMap::new();
        let (mut answers, mut steps, mut overtaken) = (Vec::with_capacity(told.len()), Vec::new(), Vec::new());
        for (at, told) in told.iter().enumerate() {
            let Some(version) = versions.get(&told.saw.id) else {
                answers.push(None);
                continue;
            };
            let held = now.get(&told.saw.id).cloned();
            if held.as_ref().map_or(*version, |held| held.version) != told.saw.version {
                match held {
                    Some(held) => answers.push(Some(Err(RegistryError::Stale(Box::new((*held).clone()))))),
                    None => {
                        overtaken.push(at);
                        answers.push(None);
                    }
                }
                continue;
            }
            // A version names one state of a record for good: what was seen at this version is what stands.
            let before = held.unwrap_or_else(|| Arc::clone(&told.saw));
            answers.push(Some(take(&before, &told.figures, &told.measures, &told.actor).map(|mut after| {
                if !after.written(&before, whole(Utc::now())) {
                    return Written { facility: after, seq: 0 };
                }
                let after = Arc::new(after);
                now.insert(after.id, Arc::clone(&after));
                let written = Written { facility: (*after).clone(), seq: 0 };
                steps.push(Step { at, actor: told.actor.clone(), before, after });
                written
            })));
        }
        let changes = match steps.is_empty() {
            true => {
                self.client.batch_execute("COMMIT").await?;
                (0, Vec::new())
            }
            false => self.settle(&steps).await?,
        };
        for (step, change) in steps.iter().zip(&changes.1) {
            if let Some(Some(Ok(written))) = answers.get_mut(step.at) {
                written.seq = change.seq;
            }
        }
        for at in overtaken {
            let named = format!("(VALUES ('{}'::uuid)) AS named (id)", told[at].saw.id);
            let current = facility::read(&self.client, Which::In(&named)).await?.pop();
            answers[at] = Some(Err(current.map_or(RegistryError::NotFound, |held| RegistryError::Stale(held.into()))));
        }
        self.used = Instant::now();
        Ok(Outcome { answers, changes })
    }

    /// Brings the tables from what was to what is, appends to the log, commits: one statement a table however many tell, and
    /// all of them on their way before the first is answered.
    async fn settle(&self, steps: &[Step]) -> Result<(i64, Vec<Change>), RegistryError> {
        // From the first state to the last, in the order of ids, as everybody takes them.
        let mut moved: BTreeMap<Uuid, (&Facility, &Facility)> = BTreeMap::new();
        for step in steps {
            moved.entry(step.after.id).or_insert((&step.before, &step.after)).1 = &step.after;
        }
        let (mut ids, mut measures, mut totals, mut nursing) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut occupied, mut as_of, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        let (mut gone, mut gone_measures) = (Vec::new(), Vec::new());
        for (id, (before, now)) in &moved {
            for told in now.capacity.iter().filter(|told| before.capacity_of(&told.measure) != Some(told)) {
                ids.push(*id);
                measures.push(&*told.measure);
                totals.push(count(told.total, "/total")?);
                nursing.push(count(told.nursing, "/nursing")?);
                occupied.push(count(told.occupied, "/occupied")?);
                as_of.push(told.as_of);
                sources.push(told.source.as_deref());
            }
            for held in before.capacity.iter().filter(|held| now.capacity_of(&held.measure).is_none()) {
                gone.push(*id);
                gone_measures.push(&*held.measure);
            }
        }
        let marked: Vec<Uuid> = moved.keys().copied().collect();
        let versions: Vec<i64> = moved.values().map(|(_, now)| now.version).collect();
        let times: Vec<DateTime<Utc>> = moved.values().map(|(_, now)| now.updated_at).collect();
        let json =
            |facility: &Facility| serde_json::to_value(facility).map_err(|e| RegistryError::Internal(e.to_string()));
        let befores = steps.iter().map(|step| json(&step.before)).collect::<Result<Vec<_>, _>>()?;
        let afters = steps.iter().map(|step| json(&step.after)).collect::<Result<Vec<_>, _>>()?;
        let actors: Vec<&str> = steps.iter().map(|step| &*step.actor).collect();
        let keys: Vec<String> = steps.iter().map(|step| step.after.id.to_string()).collect();
        let client = &self.client;
        // The log comes last: from its turn to the end of the transaction, every other writer waits.
        let (_, _, _, _, rows, _) = tokio::try_join!(
                biased;
            async { client.execute(&self.forget, &[&gone, &gone_measures]).await },
            async { client.execute(&self.tell, &[&ids, &measures, &totals, &nursing, &occupied, &as_of, &sources]).await },
            async { client.execute(&self.mark, &[&marked, &versions, &times]).await },
            client.query(&self.turn, &[]),
            async { client.query(&self.log, &[&actors, &keys, &befores, &afters]).await },
            client.batch_execute("COMMIT"),
        )?;
        let head = rows.first().map_or(0, |row| row.get(2));
        let lines = rows.iter().zip(steps).zip(befores.into_iter().zip(afters));
        let changes = lines.map(|((row, step), (before, after))| Change {
            seq: row.get(0),
            at: row.get(1),
            actor: step.actor.clone(),
            batch: None,
            request: None,
            becomes: None,
            reason: None,
            entity: Entity::Facility,
            key: step.after.id.to_string().into(),
            action: Action::Updated,
            before: Some(before),
            after: Some(after),
        });
        Ok((head, changes.collect()))
    }
}
