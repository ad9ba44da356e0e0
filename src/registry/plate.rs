//! The plate: the press's own connection with its statement made ready. A whole group goes to the disk in one exchange.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio_postgres::Statement;
use uuid::Uuid;

use super::capacity::take;
use super::copy::{count, whole};
use super::facility::{self, Which};
use super::line::{Line, OwnClient};
use super::press::Told;
use super::{RegistryError, Written};
use crate::care::{Action, Change, Entity, Facility, Text};

/// A connection that rested longer is tried no more but made anew: the database may have been restarted.
const REST: Duration = Duration::from_secs(2);

pub(super) type Answered = Result<Written, RegistryError>;

/// What became of each of several tellings, in their order.
pub(super) struct Outcome {
    /// `None`: somebody else keeps the facility just now.
    pub answers: Vec<Option<Answered>>,
    /// The number of the last change before these, and these.
    pub changes: (i64, Vec<Change>),
}

pub(super) struct Plate {
    client: OwnClient,
    print: Statement,
    used: Instant,
}

/// One telling that can stand: its place among the answers, who told it, and the facility before and after.
struct Step {
    at: usize,
    actor: Text,
    before: Arc<Facility>,
    after: Arc<Facility>,
}

impl Plate {
    /// The plate of this one of the pressmen.
    pub async fn make(line: &Arc<Line>, pressman: usize) -> Result<Plate, RegistryError> {
        let client = line.client().await?;
        // The statements are few and plain, and the arrays in them tell the planner nothing: one plan each for good.
        client.batch_execute("SET plan_cache_mode = force_generic_plan").await?;
        let print = "SELECT written, written_at, written_key, head \
                     FROM capacity_print($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        let print = client.prepare(print).await?;
        let pid = client.query_one("SELECT pg_backend_pid()", &[]).await?;
        line.own_writers[pressman].store(pid.get(0), Ordering::Relaxed);
        Ok(Plate { client, print, used: Instant::now() })
    }

    pub fn fresh(&self) -> bool {
        !self.client.is_closed() && self.used.elapsed() < REST
    }

    /// Writes all that may be written, in one transaction and in the order in which it was told. After an error the plate
    /// is to be thrown away; nothing was written then.
    pub async fn print(&mut self, told: &[Told]) -> Result<Outcome, RegistryError> {
        // The newest that anybody saw stood once: whoever saw less is overtaken.
        let mut seen: HashMap<Uuid, &Arc<Facility>> = HashMap::new();
        for Told { saw, .. } in told {
            let newest = seen.entry(saw.id).or_insert(saw);
            if newest.version < saw.version {
                *newest = saw;
            }
        }
        let mut now: HashMap<Uuid, Arc<Facility>> = HashMap::new();
        let (mut answers, mut steps) = (Vec::with_capacity(told.len()), Vec::new());
        let (mut late, mut same) = (Vec::new(), HashSet::new());
        for (at, told) in told.iter().enumerate() {
            let before = now.get(&told.saw.id).unwrap_or(seen[&told.saw.id]).clone();
            if before.version != told.saw.version {
                answers.push(None);
                late.push(at);
                continue;
            }
            // A version names one state of a record for good: what was seen at this version is what stands.
            match take(&before, &told.figures, &told.measures, &told.actor) {
                Err(error) => answers.push(Some(Err(error))),
                Ok(mut after) => {
                    answers.push(None);
                    // Where nothing would change there is nothing to write, and the record's own word is asked for.
                    if after.written(&before, whole(Utc::now())) {
                        let after = Arc::new(after);
                        now.insert(after.id, Arc::clone(&after));
                        steps.push(Step { at, actor: told.actor.clone(), before, after });
                    } else {
                        same.insert(at);
                    }
                }
            }
        }
        let changes = if steps.is_empty() { (0, Vec::new()) } else { self.settle(&mut steps).await? };
        let written: HashSet<Uuid> = steps.iter().map(|step| step.after.id).collect();
        for at in late {
            let Told { saw, .. } = &told[at];
            let newest = seen.get(&saw.id).copied().filter(|newest| newest.version > saw.version);
            let stands = now.get(&saw.id).filter(|held| written.contains(&held.id)).or(newest);
            answers[at] = stands.map(|held| Err(RegistryError::Stale(Box::new((**held).clone()))));
        }
        for (step, change) in steps.into_iter().zip(&changes.1) {
            let facility = Arc::unwrap_or_clone(step.after);
            answers[step.at] = Some(Ok(Written { facility, seq: change.seq }));
        }
        self.overtaken(told, &same, &mut answers).await?;
        self.used = Instant::now();
        Ok(Outcome { answers, changes })
    }

    /// Answers those who saw what stands no longer, and those whose words stand already; whoever is left finds the record kept
    /// by somebody else just now.
    async fn overtaken(
        &self,
        told: &[Told],
        same: &HashSet<usize>,
        answers: &mut [Option<Answered>],
    ) -> Result<(), RegistryError> {
        let open: Vec<usize> = (0..told.len()).filter(|at| answers[*at].is_none()).collect();
        if open.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = open.iter().map(|at| format!("('{}'::uuid)", told[*at].saw.id)).collect();
        let named = format!("(VALUES {}) AS named (id)", ids.join(","));
        let current = facility::read(&self.client, Which::In(&named)).await?;
        let head = "SELECT coalesce(max(seq), 0) FROM change";
        let seq = if same.is_empty() { 0 } else { self.client.query_one(head, &[]).await?.get(0) };
        for at in open {
            let saw = &told[at].saw;
            answers[at] = match current.iter().find(|held| held.id == saw.id) {
                None => Some(Err(RegistryError::NotFound)),
                Some(held) if held.version != saw.version => Some(Err(RegistryError::Stale(Box::new(held.clone())))),
                Some(held) if same.contains(&at) => Some(Ok(Written { facility: held.clone(), seq })),
                Some(_) => None,
            };
        }
        Ok(())
    }

    /// Brings the tables from what was to what is and appends to the log; keeps only the steps that were written.
    async fn settle(&self, steps: &mut Vec<Step>) -> Result<(i64, Vec<Change>), RegistryError> {
        // From the first state to the last.
        let mut moved: BTreeMap<Uuid, (&Facility, &Facility)> = BTreeMap::new();
        for step in steps.iter() {
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
        let seen: Vec<i64> = moved.values().map(|(before, _)| before.version).collect();
        let versions: Vec<i64> = moved.values().map(|(_, now)| now.version).collect();
        let times: Vec<DateTime<Utc>> = moved.values().map(|(_, now)| now.updated_at).collect();
        let json =
            |facility: &Facility| serde_json::to_value(facility).map_err(|e| RegistryError::Internal(e.to_string()));
        let befores = steps.iter().map(|step| json(&step.before)).collect::<Result<Vec<_>, _>>()?;
        let afters = steps.iter().map(|step| json(&step.after)).collect::<Result<Vec<_>, _>>()?;
        let actors: Vec<&str> = steps.iter().map(|step| &*step.actor).collect();
        let keys: Vec<Uuid> = steps.iter().map(|step| step.after.id).collect();
        let rows = self
            .client
            .query(
                &self.print,
                &[
                    &marked,
                    &seen,
                    &versions,
                    &times,
                    &ids,
                    &measures,
                    &totals,
                    &nursing,
                    &occupied,
                    &as_of,
                    &sources,
                    &gone,
                    &gone_measures,
                    &actors,
                    &keys,
                    &befores,
                    &afters,
                ],
            )
            .await?;
        let head = rows.first().map_or(0, |row| row.get(3));
        let written: HashSet<Text> = rows.iter().map(|row| Text::from(row.get::<_, &str>(2))).collect();
        let stands = |step: &Step| written.contains(step.after.id.to_string().as_str());
        let pairs: Vec<_> = befores.into_iter().zip(afters).zip(steps.iter().map(stands)).collect();
        steps.retain(stands);
        let lines = pairs.into_iter().filter(|(_, stands)| *stands).map(|(states, _)| states);
        let changes = rows.iter().zip(steps.iter()).zip(lines).map(|((row, step), (before, after))| Change {
            seq: row.get(0),
            at: row.get(1),
            actor: step.actor.clone(),
            batch: None,
            request: None,
            becomes: None,
            reason: None,
            entity: Entity::Facility,
            key: row.get::<_, &str>(2).into(),
            action: Action::Updated,
            before: Some(before),
            after: Some(after),
        });
        Ok((head, changes.collect()))
    }
}
