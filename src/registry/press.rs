//! The press: capacity told by many at once shares transactions. Whoever comes while one is under way goes with the next,
//! so that one wait for the disk is a wait for all of them.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;
use uuid::Uuid;

use super::line::{ANSWER, PRESSMEN, silent};
use super::plate::{Outcome, Plate};
use super::{Registry, RegistryError, Written};
use crate::care::draft::CapacityDraft;
use crate::care::{Change, Facility, Text};

/// So many go into one transaction at most.
const AT_ONCE: usize = 256;
/// How soon one is tried again whose facility is kept by somebody else, such as an import.
const LATER: Duration = Duration::from_millis(50);
/// How long one waits for the outcome, whatever becomes of it.
const OUTCOME: Duration = Duration::from_secs(8);
/// So many transactions' changes are remembered for the followers of this process.
const REMEMBERED: usize = 64;

/// What somebody tells of one facility, as they saw it.
#[derive(Clone)]
pub(super) struct Told {
    pub saw: Arc<Facility>,
    /// The measures that its kind has.
    pub measures: Vec<Text>,
    pub figures: Vec<CapacityDraft>,
    pub actor: Text,
}

type Answer = oneshot::Sender<Result<Written, RegistryError>>;

/// What waits for the next transaction, and what the last ones wrote.
#[derive(Default)]
pub(super) struct Press {
    inside: Mutex<Inside>,
    /// So many as were looked for have come.
    came: Notify,
}

#[derive(Default)]
struct Inside {
    waiting: Vec<(Told, Answer)>,
    /// Who is at work, and how many tellings each has in hand.
    busy: [Option<usize>; PRESSMEN],
    /// The facilities that each has in hand: what else is told of these waits for the outcome.
    held: [HashSet<Uuid>; PRESSMEN],
    /// So many are looked for.
    wanted: usize,
    /// The number of the last change before, and the changes of a transaction.
    written: VecDeque<(i64, Arc<[Change]>)>,
    /// The connections that the pressmen used last.
    plates: [Option<Plate>; PRESSMEN],
}

impl Inside {
    fn in_hand(&self) -> usize {
        self.busy.iter().flatten().sum()
    }

    fn held(&self, facility: Uuid) -> bool {
        self.held.iter().any(|held| held.contains(&facility))
    }
}

impl Press {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Whoever panicked while holding it left a whole list behind: nothing is done here but to put in and take out.
        self.inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Puts something in; answers which of the pressmen is to begin, if one is: the first at once, the next when as many
    /// wait as the others have in hand.
    fn put(&self, told: Told, answer: Answer) -> Option<usize> {
        let mut inside = self.inside();
        let facility = told.saw.id;
        inside.waiting.push((told, answer));
        if inside.waiting.len() == inside.wanted {
            self.came.notify_one();
        }
        let idle = inside.busy.iter().position(Option::is_none)?;
        // Whoever has the same facility in hand looks here again once that is written.
        if inside.waiting.len() < inside.in_hand() || inside.held(facility) {
            return None;
        }
        inside.busy[idle] = Some(0);
        Some(idle)
    }

    /// Lets those who were just answered come back with their next, for no longer than their last took: groups of one and
    /// two would each wait for a disk of their own. Who writes alone waits for nobody.
    async fn gather(&self, pressman: usize, took: Duration) {
        let (enough, before) = {
            let mut inside = self.inside();
            let answered = inside.busy[pressman].replace(0).unwrap_or(0);
            let active = inside.waiting.len() + answered + inside.in_hand();
            inside.wanted = (active.div_ceil(PRESSMEN)).min(AT_ONCE);
            (inside.waiting.len() >= inside.wanted, active)
        };
        if !enough && before > 1 {
            // Nobody need have come.
            drop(timeout(took, self.came.notified()).await);
        }
    }

    /// Takes out what goes into the next transaction; with nothing left the work ends, and the connection is laid by.
    fn take(&self, pressman: usize, plate: &mut Option<Plate>) -> Vec<(Told, Answer)> {
        let mut inside = self.inside();
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        for (told, answer) in std::mem::take(&mut inside.waiting) {
            let wanted = taken.len() < AT_ONCE && !inside.held(told.saw.id);
            if wanted { &mut taken } else { &mut left }.push((told, answer));
        }
        inside.waiting = left;
        inside.held[pressman] = taken.iter().map(|(told, _)| told.saw.id).collect();
        inside.busy[pressman] = (!taken.is_empty()).then_some(taken.len());
        if taken.is_empty() {
            inside.plates[pressman] = plate.take();
        }
        taken
    }

    /// What this pressman had in hand is written, or is not: others may take up the same facilities.
    fn lay_down(&self, pressman: usize) {
        self.inside().held[pressman].clear();
    }

    fn remember(&self, (head, changes): (i64, Vec<Change>)) {
        if !changes.is_empty() {
            let mut inside = self.inside();
            // The next transaction's may be here already.
            let place = inside.written.partition_point(|(before, _)| *before < head);
            inside.written.insert(place, (head, changes.into()));
            if inside.written.len() > REMEMBERED {
                inside.written.pop_front();
            }
        }
    }

    /// The changes that follow `seq` without a gap, as far as they were written here, transaction by transaction.
    fn after(&self, seq: i64) -> Vec<Arc<[Change]>> {
        let (mut last, mut groups) = (seq, Vec::new());
        for (head, written) in &self.inside().written {
            if *head == last {
                groups.push(Arc::clone(written));
                last = written.last().map_or(last, |change| change.seq);
            }
        }
        groups
    }
}

impl Registry {
    /// Writes capacity if the facility is still as it was seen, together with whatever others tell meanwhile. `measures` are
    /// those that its kind has. Figures that are told again are confirmed as of now.
    pub async fn tell_capacity(
        &self,
        saw: Arc<Facility>,
        measures: Vec<Text>,
        figures: Vec<CapacityDraft>,
        actor: &str,
    ) -> Result<Written, RegistryError> {
        let (answer, answered) = oneshot::channel();
        self.hand_in(Told { saw, measures, figures, actor: actor.into() }, answer);
        let stopping = || RegistryError::Unavailable("the program is stopping".to_owned());
        match timeout(OUTCOME, answered).await {
            Ok(answer) => answer.unwrap_or_else(|_| Err(stopping())),
            // Whoever is tried again and again sees that nobody waits any more, and gives up.
            Err(_) => Err(silent()),
        }
    }

    /// What this process wrote is to be read from the log again: the database may have lost it.
    pub fn forget_own_changes(&self) {
        self.press.inside().written.clear();
    }

    /// The changes after `seq` that this process wrote itself and has at hand; none where another's may lie between.
    pub fn own_changes_after(&self, seq: i64) -> Vec<Arc<[Change]>> {
        self.press.after(seq)
    }

    fn hand_in(&self, told: Told, answer: Answer) {
        if let Some(pressman) = self.press.put(told, answer) {
            let registry = self.clone();
            self.line.home().spawn(async move { registry.work(pressman).await });
        }
    }

    async fn work(&self, pressman: usize) {
        let mut plate = self.press.inside().plates[pressman].take();
        let mut took = Duration::ZERO;
        loop {
            self.press.gather(pressman, took).await;
            let waiting = self.press.take(pressman, &mut plate);
            if waiting.is_empty() {
                return;
            }
            let (told, answers): (Vec<Told>, Vec<Answer>) = waiting.into_iter().unzip();
            let began = Instant::now();
            let printed = self.print(pressman, &mut plate, &told).await;
            took = began.elapsed();
            self.press.lay_down(pressman);
            match printed {
                Ok(outcome) => {
                    self.press.remember(outcome.changes);
                    if let Some(news) = self.news.get() {
                        news.tell();
                        // Who follows goes first: the map then shows a change before its writer looks for it.
                        tokio::task::yield_now().await;
                    }
                    for ((told, answer), outcome) in told.into_iter().zip(answers).zip(outcome.answers) {
                        match outcome {
                            // Who asked may have gone; what was done stays done.
                            Some(outcome) => drop(answer.send(outcome)),
                            None => self.later(told, answer),
                        }
                    }
                }
                Err(error) => {
                    plate = None;
                    match error {
                        RegistryError::Unavailable(why) => answers
                            .into_iter()
                            .for_each(|answer| drop(answer.send(Err(RegistryError::Unavailable(why.clone()))))),
                        // One of them breaks a rule that only the tables know: the others shall not suffer for it.
                        _ => {
                            for (told, answer) in told.into_iter().zip(answers) {
                                self.one_by_one(pressman, &mut plate, told, answer).await;
                            }
                        }
                    }
                }
            }
        }
    }

    async fn print(&self, pressman: usize, plate: &mut Option<Plate>, told: &[Told]) -> Result<Outcome, RegistryError> {
        let work = async {
            let ready = match plate.take().filter(Plate::fresh) {
                Some(ready) => ready,
                None => Plate::make(&self.line, pressman).await?,
            };
            plate.insert(ready).print(told).await
        };
        timeout(ANSWER, work).await.unwrap_or_else(|_| Err(silent())).map_err(|error| self.line.explained(error))
    }

    /// Writes one in a transaction of its own.
    async fn one_by_one(&self, pressman: usize, plate: &mut Option<Plate>, told: Told, answer: Answer) {
        match self.print(pressman, plate, std::slice::from_ref(&told)).await {
            Ok(mut outcome) => {
                self.press.remember(outcome.changes);
                match outcome.answers.pop().flatten() {
                    Some(outcome) => drop(answer.send(outcome)),
                    None => self.later(told, answer),
                }
            }
            Err(error) => {
                *plate = None;
                drop(answer.send(Err(error)));
            }
        }
    }

    /// Somebody keeps the facility for long, an import perhaps: it is tried again, on no connection of its own, for as long
    /// as somebody waits for the answer; and keeps nobody waiting meanwhile.
    fn later(&self, told: Told, answer: Answer) {
        let registry = self.clone();
        self.line.home().spawn(async move {
            tokio::time::sleep(LATER).await;
            if !answer.is_closed() {
                registry.hand_in(told, answer);
            }
        });
    }
}
