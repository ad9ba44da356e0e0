//! Answers whose objective is a distance: the p-median and the p-center, from all distances, or where these are too many to
//! keep, from a plan that was found without them.

use super::answer::{Site, Siting, State, Step};
use super::cover::Lists;
use super::desk::Desk;
use super::distances::Distances;
use super::question::{Objective, Refusal};
use super::{Plan, min_distance, min_farthest, ranking};

/// A plan of distances.
struct Shortened {
    plan: Plan,
    distances: Distances,
    /// Where only some candidates have distances: who of them may not be chosen with whom, and their numbers.
    near: Option<Lists>,
    names: Option<Vec<u32>>,
}

impl Desk<'_> {
    /// p-median and p-center.
    pub(super) fn shortened(&self) -> Result<Siting, Refusal> {
        let question = self.question;
        let farthest = question.objective == Objective::MinFarthest;
        let Shortened { plan, distances, near, names } = self.shorter(farthest)?;
        let near = near.as_ref().unwrap_or(&self.near);
        let order = ranking::shortening(&distances, near, &plan.sites, farthest, question.nearly);
        let named = |site: &u32| names.as_ref().map_or(*site, |names| names[*site as usize]);
        let state = |nearest: &[f64]| self.state_of(nearest);
        let mut nearest = distances.already.clone();
        let mut steps = vec![state(&nearest)];
        for site in &order.sites {
            nearest.iter_mut().zip(distances.of(*site)).for_each(|(nearest, metres)| *nearest = nearest.min(*metres));
            steps.push(state(&nearest));
        }
        let mut answer = self.frame(&plan);
        answer.baseline = state(&self.ground.already);
        answer.after = steps[order.sites.len()].clone();
        for (at, site) in order.sites.iter().enumerate() {
            let (before, with) = (steps[at].covered, steps[at + 1].covered);
            answer.sites.push(Site {
                adds: before.zip(with).map(|(before, with)| with - before),
                cumulative: with,
                serves: Some(order.serves[at]),
                ..self.site(named(site))
            });
        }
        answer.nearly = order
            .nearly
            .iter()
            .map(|(site, saves)| Site { saves_m: Some(*saves).filter(|s| s.is_finite()), ..self.site(named(site)) })
            .collect();
        answer.curve = (0..).zip(steps).map(|(sites, state)| Step { sites, state, bound: None }).collect();
        Ok(answer)
    }

    /// The plan, with the distances that its answer needs.
    fn shorter(&self, farthest: bool) -> Result<Shortened, Refusal> {
        let (ground, question, watch) = (self.ground, self.question, self.watch);
        let (kept, count) = (question.keep_existing, question.sites.unwrap_or(0));
        let everybody: Vec<u32> = (0..ground.people.len() as u32).collect();
        if !farthest && ground.is_large() {
            let large = ground.large_median(kept, &self.near)?;
            let found = large.solve(count, question.nearly, watch).map_err(|why| self.refuse(why, &everybody))?;
            let names: Vec<u32> = found.sites.iter().chain(&found.next).copied().collect();
            let distances = ground.distances_of(&names, kept);
            let sites: Vec<u32> = (0..found.sites.len() as u32).collect();
            let value = distances.total(&sites);
            let bound = found.bound.min(value);
            watch.found(value);
            watch.bounded(bound);
            let proven = bound >= value * (1.0 - 1e-9);
            let plan = Plan { sites, value, bound, proven, bounds: Vec::new() };
            let near = Some(self.near.among(&names));
            return Ok(Shortened { plan, distances, near, names: Some(names) });
        }
        let distances = ground.distances(kept)?;
        let solved = match farthest {
            true => min_farthest::solve(&distances, &self.near, count, watch),
            false => min_distance::solve(&distances, &self.near, count, watch),
        };
        let plan = solved.map_err(|why| self.refuse(why, &everybody))?;
        Ok(Shortened { plan, distances, near: None, names: None })
    }

    fn state_of(&self, nearest: &[f64]) -> State {
        let people = &self.ground.people;
        let lived = || nearest.iter().zip(people).filter(|(_, people)| **people > 0);
        let total: f64 = lived().map(|(metres, people)| metres * *people as f64).sum();
        let known = |value: f64| Some(value).filter(|value| value.is_finite());
        let covered = self
            .question
            .within_m
            .map(|within| lived().filter(|(metres, _)| **metres <= within).map(|(_, people)| people).sum::<u64>());
        State {
            covered,
            share: covered.map(|covered| covered as f64 / self.population() as f64),
            mean_m: known(total / self.population() as f64),
            farthest_m: known(lived().map(|(metres, _)| *metres).fold(0.0, f64::max)),
        }
    }
}
