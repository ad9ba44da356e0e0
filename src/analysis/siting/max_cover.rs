//! Maximal covering (MCLP; Church & ReVelle 1974, Pap. Reg. Sci. Assoc. 32:101-118): most people with so many sites.
//!
//! max Σ w_i x_i, x_i ≤ Σ_{j reaches i} y_j, Σ y_j ≤ p, y binary. Greedy, then a bound, then interchange among what the
//! bound leaves open, then the solver on what is still open, starting from the best plan.

use super::bound::{self, Bound, Effort};
use super::chosen::Chosen;
use super::cover::{Cover, Lists};
use super::remnant::Remnant;
use super::solver::Program;
use super::watch::Watch;
use super::{Plan, greedy, interchange, people};

/// Steps of the bound, while they find a better one.
const STEPS: usize = 3000;
/// So many numbers (candidate reaches point) are looked at for all steps together.
const STEPPED: usize = 4_000_000_000;
/// Rounds of shaking in a turn where there is little to look at; fewer where there is much.
const ROUNDS: usize = 2500;
/// Where the bound is so near, in proportion, the solver will decide: a third of the rounds does.
const NEAR: f64 = 0.003;
/// So many numbers are looked at for all rounds together.
const LOOKS: usize = 600_000_000;
/// More numbers than this the solver does not see: it would not come to a bound of its own.
const SOLVED: usize = 400_000;
/// How often the bound and interchange help each other.
const TURNS: usize = 4;

/// A search under way: the best plan of the whole, and what no plan can be better than.
struct Search<'a> {
    best: Vec<u32>,
    most: u64,
    upper: u64,
    watch: &'a Watch,
}

impl Search<'_> {
    fn take(&mut self, remnant: &Remnant, sites: &[u32]) {
        let people = remnant.people + remnant.cover.covered(sites);
        if people > self.most || self.best.is_empty() {
            (self.best, self.most) = (remnant.told(sites), people);
            self.watch.found(people as f64);
        }
    }

    /// No plan of what is left is better than this; none of what was given up is better than the best.
    fn limit(&mut self, bound: u64) {
        self.upper = self.upper.min(bound).max(self.most);
        self.watch.bounded(self.upper as f64);
    }

    fn done(&self) -> bool {
        self.upper <= self.most || self.watch.over()
    }
}

/// Most people with at most `count` sites. `near`: by candidate, those that may not be chosen with it.
pub fn solve(cover: &Cover, near: &Lists, count: usize, watch: &Watch) -> Plan {
    let mut rest = Remnant::whole(cover, near, count.min(cover.sites()));
    let everybody: u64 = rest.cover.weights.iter().sum();
    let mut search = Search { best: Vec::new(), most: 0, upper: everybody, watch };
    watch.tell("greedy");
    let mut chosen = Chosen::none(&rest.cover, &rest.near);
    greedy::fill(&mut chosen, rest.cover.sites(), rest.count);
    interchange::improve(&mut chosen, rest.cover.sites(), rest.count, watch);
    search.take(&rest, chosen.sites());
    let mut whole: Option<Bound> = None;
    for turn in 0..TURNS as u64 {
        if search.done() {
            break;
        }
        watch.tell("bound");
        let known = bounded(&rest, &mut search);
        search.limit(rest.people + people(known.value));
        let settled = known.settled(search.most.saturating_sub(rest.people));
        whole.get_or_insert(known);
        rest = rest.without(&settled);
        if rest.hopeless {
            // Every plan that is better would have to be one that cannot be.
            search.limit(search.most);
        }
        if search.done() {
            break;
        }
        watch.tell("interchange");
        let near = (search.upper - search.most) as f64 <= NEAR * search.most as f64;
        let most = if near { ROUNDS / 3 } else { ROUNDS };
        let rounds = (LOOKS / rest.cover.by_site.items().max(1) / TURNS).clamp(20, most);
        let enough = search.upper.saturating_sub(rest.people);
        let (start, _) = rest.heard(&search.best);
        let effort = interchange::Effort { rounds, enough, besides: Some(rest.people), turn };
        let found = interchange::search(&rest.cover, &rest.near, &start, rest.count, &effort, watch);
        search.take(&rest, &found);
        search.limit(search.upper);
    }
    if !search.done() && rest.cover.by_site.items() <= SOLVED {
        watch.tell("exact");
        exact(&rest, &mut search);
    }
    let upper = search.upper.max(search.most) as f64;
    let of = |sites: usize| whole.as_ref().map_or(everybody as f64, |bound| people(bound.with(sites)) as f64);
    let bounds = (0..=count).map(|sites| of(sites).min(upper)).collect();
    watch.found(search.most as f64);
    watch.bounded(upper);
    let value = search.most as f64;
    Plan { sites: search.best, value, bound: upper, proven: upper <= value, bounds }
}

/// The bound of what is left; the best paid candidates are tried as plans on the way.
fn bounded(rest: &Remnant, search: &mut Search) -> Bound {
    let (cover, near) = (&rest.cover, &rest.near);
    let watch = search.watch;
    let effort = Effort {
        steps: (STEPPED / cover.by_site.items().max(1) / TURNS).clamp(200, STEPS),
        value: search.most.saturating_sub(rest.people),
        besides: rest.people,
    };
    bound::bound(cover, rest.count, &effort, watch, |paid| {
        let mut plan = Chosen::of(cover, near, &bound::plan_of(paid, near));
        interchange::improve(&mut plan, cover.sites(), rest.count, watch);
        search.take(rest, plan.sites());
        search.most.saturating_sub(rest.people)
    })
}

/// The solver on what is left. It holds every plan that is better than the best.
fn exact(rest: &Remnant, search: &mut Search) {
    let cover = &rest.cover;
    let (start, fits) = rest.heard(&search.best);
    let chosen: Vec<bool> = (0..cover.sites() as u32).map(|site| start.contains(&site)).collect();
    let mut program = Program::default();
    program.constant = -(rest.people as f64);
    // A point that one candidate alone reaches is that candidate's own.
    let mut own = vec![0u64; cover.sites()];
    for (sites, people) in cover.by_demand.iter().zip(&cover.weights) {
        if let [site] = sites {
            own[*site as usize] += people;
        }
    }
    for (own, chosen) in own.iter().zip(&chosen) {
        program.choice(-(*own as f64), *chosen);
    }
    for (sites, people) in cover.by_demand.iter().zip(&cover.weights).filter(|(sites, _)| sites.len() > 1) {
        let covered = sites.iter().any(|site| chosen[*site as usize]);
        let point = program.amount(-(*people as f64), 1.0, f64::from(u8::from(covered)));
        program.at_least(0.0, sites.iter().map(|site| (*site as usize, 1.0)).chain([(point, -1.0)]));
    }
    program.at_most(rest.count as f64, (0..cover.sites()).map(|site| (site, 1.0)));
    for (site, others) in rest.near.iter().enumerate() {
        for other in others.iter().filter(|other| **other as usize > site) {
            program.at_most(1.0, [(site, 1.0), (*other as usize, 1.0)]);
        }
    }
    // People are whole: two plans differ by one at least.
    let Some(outcome) = program.least(0.999, fits, -1.0, search.watch.left(), search.watch) else { return };
    if outcome.impossible {
        search.limit(search.most);
        return;
    }
    if let Some(values) = outcome.values {
        let held = (0u32..).zip(&values[..cover.sites()]).filter(|(_, value)| **value > 0.5);
        search.take(rest, &held.map(|(site, _)| site).collect::<Vec<u32>>());
    }
    // People are whole: what the solver proves to less than one is proven.
    search.limit(if outcome.proven { search.most } else { people(-outcome.bound) });
}
