//! The desk where a question of siting is worked on: from what was gathered to a plan, and from the plan to the answer.

use super::answer::{Counted, Existing, Site, Siting, Standard, State, Step};
use super::capacity::Places;
use super::cover::{Cover, Lists};
use super::gather::{Ground, Spot};
use super::outlook::Outlook;
use super::question::{Candidates, Objective, Refusal, SitingQuestion, Unreached};
use super::watch::Watch;
use super::{Hindrance, Plan, capacity, cover_all, max_cover, ranking};
use crate::atlas::Atlas;

/// Answers the question within the time of the watch.
pub fn siting(atlas: &Atlas, question: &SitingQuestion, watch: &Watch) -> Result<Siting, Refusal> {
    watch.tell("gathering");
    let ground = Ground::gather(atlas, question)?;
    let candidates = ground.candidates.len();
    if question.objective != Objective::CoverAll && question.sites.is_some_and(|sites| sites > candidates) {
        return Err(Refusal::FewCandidates { candidates });
    }
    let desk = Desk { atlas, question, ground: &ground, near: ground.near(question)?, watch };
    let answer = match (question.objective, question.capacity) {
        (Objective::MaxCovered, Some(capacity)) => desk.served(capacity),
        (Objective::MaxCovered | Objective::CoverAll, _) => desk.covered(),
        (Objective::MinDistance | Objective::MinFarthest, _) => desk.shortened(),
    };
    if watch.cancelled() {
        return Err(Refusal::Cancelled);
    }
    let mut answer = answer?;
    let sites: Vec<(f64, f64)> = answer.sites.iter().map(|site| (site.lon, site.lat)).collect();
    answer.outlook = Outlook::of(&ground, question, &sites)?;
    answer.seconds = (watch.spent() * 1000.0).round() / 1000.0;
    Ok(answer)
}

/// All that an answer is made from.
pub(super) struct Desk<'a> {
    atlas: &'a Atlas,
    pub(super) question: &'a SitingQuestion,
    pub(super) ground: &'a Ground<'a>,
    pub(super) near: Lists,
    pub(super) watch: &'a Watch,
}

impl Desk<'_> {
    fn within(&self) -> f64 {
        self.question.within_m.unwrap_or(0.0)
    }

    pub(super) fn population(&self) -> u64 {
        self.ground.people.iter().sum()
    }

    /// People who have something within the distance already.
    fn baseline(&self) -> u64 {
        let each = self.ground.already.iter().zip(&self.ground.people);
        each.filter(|(metres, _)| **metres <= self.within()).map(|(_, people)| people).sum()
    }

    fn state(&self, covered: u64) -> State {
        let population = self.population();
        let share = (population > 0).then(|| covered as f64 / population as f64);
        State { covered: Some(covered), share, ..State::default() }
    }

    /// MCLP and LSCP: what is covered already is no part of the problem.
    fn covered(&self) -> Result<Siting, Refusal> {
        let (ground, question) = (self.ground, self.question);
        let kept = if question.keep_existing { self.baseline() } else { 0 };
        let wanted: Vec<u32> = (0..ground.people.len() as u32)
            .filter(|at| {
                let at = *at as usize;
                ground.people[at] > 0 && !(question.keep_existing && ground.already[at] <= self.within())
            })
            .collect();
        let mut place = vec![u32::MAX; ground.people.len()];
        (0u32..).zip(&wanted).for_each(|(new, old)| place[*old as usize] = new);
        let reach = ground.reach(&ground.candidates, self.within())?;
        let reach = Lists::new(reach.iter().map(|demand| {
            demand.iter().map(|at| place[*at as usize]).filter(|at| *at != u32::MAX).collect::<Vec<u32>>()
        }));
        let cover = Cover::new(wanted.iter().map(|at| ground.people[*at as usize]).collect(), reach);
        let all = question.objective == Objective::CoverAll;
        let plan = match all {
            true => cover_all::solve(&cover, &self.near, None, self.watch).map_err(|why| self.refuse(why, &wanted))?,
            false => max_cover::solve(&cover, &self.near, question.sites.unwrap_or(0), self.watch),
        };
        if let Some(most) = question.sites.filter(|most| all && plan.value > *most as f64) {
            return Err(match plan.bound > most as f64 {
                true => Refusal::NeedsMore { sites: plan.bound as usize },
                false => Refusal::NoPlan,
            });
        }
        let ranking = ranking::covering(&cover, &self.near, &plan.sites, question.nearly, self.watch);
        let plan = if all { plan } else { with_people(plan, kept) };
        let beyond: u64 = cover.weights.iter().sum::<u64>() - cover.reachable();
        let mut answer = self.answer(&plan, self.baseline(), &ranking, kept);
        answer.demand.out_of_reach = Some(beyond);
        Ok(answer)
    }

    /// MCLP with limited places.
    fn served(&self, capacity: u32) -> Result<Siting, Refusal> {
        let (ground, question) = (self.ground, self.question);
        let standing: Vec<(Spot, u64)> =
            ground.standing.iter().filter_map(|held| Some((held.spot, held.places?))).collect();
        let sites: Vec<Spot> = ground.candidates.iter().copied().chain(standing.iter().map(|held| held.0)).collect();
        let reach = ground.reach(&sites, self.within())?;
        let candidates = ground.candidates.len();
        let kept = Lists::new((0..sites.len()).map(|site| reach.get(site)).take(if question.keep_existing {
            sites.len()
        } else {
            candidates
        }));
        let places: Vec<u64> =
            std::iter::repeat_n(u64::from(capacity), candidates).chain(standing.iter().map(|held| held.1)).collect();
        // Demand points stay apart: whom what stands already serves is part of the problem.
        let whole = Cover::new(ground.people.clone(), reach);
        let now = Places { cover: &whole, near: &self.near, places: &places, candidates }.standing().people();
        let cover = Cover::new(ground.people.clone(), kept).gathered();
        let problem = Places { cover: &cover, near: &self.near, places: &places, candidates };
        let plan = capacity::solve(&problem, question.sites.unwrap_or(0), self.watch);
        let ranking = ranking::serving(&problem, &plan.sites, question.nearly);
        let kept = problem.standing().people();
        let mut answer = self.answer(&plan, now, &ranking, kept);
        let reached = ground.in_reach(self.within());
        let unknown = ground
            .standing
            .iter()
            .zip(reached)
            .filter(|(held, reached)| held.places.is_none() && (held.inside || *reached));
        answer.existing.unknown_capacity = Some(unknown.count());
        Ok(answer)
    }

    /// An answer of people: `now` is the baseline, `kept` what the plan begins with.
    fn answer(&self, plan: &Plan, now: u64, ranking: &ranking::Ranking, kept: u64) -> Siting {
        let mut answer = self.frame(plan);
        let mut sum = kept;
        let mut site = |(site, adds): &(u32, u64)| {
            sum += adds;
            Site { adds: Some(*adds), cumulative: Some(sum), ..self.site(*site) }
        };
        answer.sites = ranking.sites.iter().map(&mut site).collect();
        answer.nearly = ranking.nearly.iter().map(&mut site).collect();
        answer.baseline = self.state(now);
        answer.after = self.state(kept + ranking.curve.last().copied().unwrap_or(0));
        let covers = self.question.objective == Objective::MaxCovered;
        let step = |(sites, adds): (usize, &u64)| Step {
            sites,
            state: self.state(kept + adds),
            bound: match sites {
                0 => covers.then_some(kept),
                _ => plan.bounds.get(sites).filter(|_| covers).map(|bound| (*bound as u64).max(kept + adds)),
            },
        };
        answer.curve = ranking.curve.iter().enumerate().map(step).collect();
        answer
    }

    pub(super) fn frame(&self, plan: &Plan) -> Siting {
        let (ground, question) = (self.ground, self.question);
        let larger = plan.value.abs().max(plan.bound.abs());
        Siting {
            revision: self.atlas.revision(),
            as_of: self.atlas.read_at(),
            objective: question.objective,
            value: plan.value,
            bound: plan.bound,
            gap: if larger > 0.0 { (plan.bound - plan.value).abs() / larger } else { 0.0 },
            proven: plan.proven,
            standard: Standard {
                region: question.region.clone(),
                kinds: question.filter.kinds.clone(),
                within_m: question.within_m,
                weight: question.weight.clone(),
                class: question.class,
                population_year: question.population_year,
                sites: question.sites,
                keep_existing: question.keep_existing,
                capacity: question.capacity,
                min_spacing_m: question.min_spacing_m,
                excluded: question.excluded.clone(),
                min_free: question.filter.min_free,
                min_rating: question.filter.min_rating,
                distance: "geodesic_straight_line",
            },
            demand: Counted {
                demand_points: ground.demand.len(),
                population: self.population(),
                unknown_population: ground.unknown_population,
                not_located: ground.unlocated_demand,
                without_people: ground.people.iter().filter(|people| **people == 0).count(),
                class_unknown: question.class.map(|_| ground.unclassed),
                out_of_reach: None,
            },
            existing: Existing {
                facilities: ground.standing.iter().filter(|held| held.inside).count(),
                outside_in_reach: question.within_m.filter(|_| question.region.is_some()).map(|within| {
                    let reached = ground.in_reach(within);
                    ground.standing.iter().zip(reached).filter(|(held, reached)| !held.inside && *reached).count()
                }),
                not_located: ground.unlocated_facilities,
                unknown_capacity: None,
            },
            candidates: ground.candidates.len(),
            baseline: State::default(),
            after: State::default(),
            sites: Vec::new(),
            nearly: Vec::new(),
            curve: Vec::new(),
            seconds: 0.0,
            outlook: Outlook::default(),
        }
    }

    pub(super) fn site(&self, site: u32) -> Site {
        let (lon, lat) = self.ground.candidates[site as usize].lon_lat;
        let region = match self.question.candidates {
            Candidates::Demand => self.ground.regions[site as usize].clone(),
            Candidates::Points(_) => self.atlas.regions().borders().region_at(lon, lat).cloned(),
        };
        let name = region.as_deref().and_then(|code| self.atlas.regions().get(code)).map(|region| region.name.clone());
        Site { lon, lat, region, name, adds: None, cumulative: None, serves: None, saves_m: None }
    }

    pub(super) fn refuse(&self, why: Hindrance, demand: &[u32]) -> Refusal {
        let ground = self.ground;
        match why {
            Hindrance::Unreached(points) => {
                let all: Vec<u32> = points.iter().map(|at| demand[*at as usize]).collect();
                let nearest = ground.nearest_candidate(&all);
                // A wider radius also lets what stands already serve them.
                let kept =
                    |at: &u32| if self.question.keep_existing { ground.already[*at as usize] } else { f64::INFINITY };
                let needed = all.iter().zip(&nearest).map(|(at, metres)| metres.min(kept(at)));
                let mut unreached: Vec<Unreached> = all
                    .iter()
                    .zip(&nearest)
                    .map(|(at, nearest_m)| {
                        let point = ground.demand[*at as usize];
                        let (lon, lat) = point.lon_lat.unwrap_or_default();
                        let population = ground.people[*at as usize];
                        Unreached { lon, lat, region: point.point.region.clone(), population, nearest_m: *nearest_m }
                    })
                    .collect();
                unreached.sort_by(|a, b| b.nearest_m.total_cmp(&a.nearest_m));
                // Rounded up: with just this radius they are reached.
                let radius_m = (needed.fold(0.0, f64::max) * 1000.0).ceil() / 1000.0 + 0.001;
                Refusal::Unreachable { count: unreached.len(), points: unreached, radius_m }
            }
            Hindrance::NeedsMore(sites) => Refusal::NeedsMore { sites },
            Hindrance::NoRoom => Refusal::NoRoom,
            Hindrance::NoPlan => Refusal::NoPlan,
            Hindrance::Cancelled => Refusal::Cancelled,
        }
    }
}

/// The plan with the people who are covered already.
fn with_people(plan: Plan, people: u64) -> Plan {
    let people = people as f64;
    let bounds = plan.bounds.iter().map(|bound| bound + people).collect();
    Plan { value: plan.value + people, bound: plan.bound + people, bounds, ..plan }
}
