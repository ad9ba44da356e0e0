//! The solver: HiGHS (Huangfu & Hall 2018, Math. Program. Comput. 10:119-142; MIT licence), one thread, no tolerance for
//! a gap, stopped from outside. The only file that knows it.

use std::ffi::{c_char, c_int, c_void};
use std::time::Instant;

use highs::{Col, RowProblem, Sense};

use super::watch::Watch;

/// Two figures of one plan differ by no more than this, in proportion.
const SAME: f64 = 1e-6;

/// A linear program with whole numbers in it, to be made as small as can be.
#[derive(Default)]
pub struct Program {
    problem: RowProblem,
    columns: Vec<Col>,
    /// By column, what a unit of it costs.
    costs: Vec<f64>,
    start: Vec<f64>,
    /// Added to the objective.
    pub constant: f64,
    /// A row without terms that cannot hold.
    contradiction: bool,
}

/// What the solver knows at its end.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// By column; `None` where it found nothing.
    pub values: Option<Vec<f64>>,
    /// Nothing is smaller than this.
    pub bound: f64,
    /// Nothing fulfils all rows.
    pub impossible: bool,
    /// The values are the best there are, within the gap.
    pub proven: bool,
}

/// What the solver's callback sees.
struct Caller<'a> {
    watch: &'a Watch,
    constant: f64,
    sign: f64,
}

impl Program {
    /// A column that is 0 or 1, with its cost and its value in the plan to start from.
    pub fn choice(&mut self, cost: f64, start: bool) -> usize {
        self.columns.push(self.problem.add_integer_column(cost, 0.0..=1.0));
        self.costs.push(cost);
        self.start.push(f64::from(u8::from(start)));
        self.columns.len() - 1
    }

    /// A column between 0 and `most`.
    pub fn amount(&mut self, cost: f64, most: f64, start: f64) -> usize {
        self.columns.push(self.problem.add_column(cost, 0.0..=most));
        self.costs.push(cost);
        self.start.push(start);
        self.columns.len() - 1
    }

    /// The terms add up to at least so much.
    pub fn at_least(&mut self, least: f64, terms: impl IntoIterator<Item = (usize, f64)>) {
        let terms: Vec<_> = terms.into_iter().map(|(at, factor)| (self.columns[at], factor)).collect();
        self.contradiction |= terms.is_empty() && least > 0.0;
        self.problem.add_row(least.., &terms);
    }

    /// The terms add up to at most so much.
    pub fn at_most(&mut self, most: f64, terms: impl IntoIterator<Item = (usize, f64)>) {
        let terms: Vec<_> = terms.into_iter().map(|(at, factor)| (self.columns[at], factor)).collect();
        self.contradiction |= terms.is_empty() && most < 0.0;
        self.problem.add_row(..=most, &terms);
    }

    /// The least objective. `gap`: two objectives differ by more than this or not at all (0 where that is not known).
    /// `sign` is -1 where the caller's objective is the negative one; for the news only. `None`: HiGHS does not take it.
    pub fn least(self, gap: f64, started: bool, sign: f64, seconds: f64, watch: &Watch) -> Option<Outcome> {
        if self.contradiction || self.start.is_empty() {
            let values = (!self.contradiction).then(Vec::new);
            let impossible = self.contradiction;
            return Some(Outcome { values, bound: self.constant, impossible, proven: true });
        }
        let begun = Instant::now();
        let (outcome, agrees) = self.run("choose", gap, started, sign, seconds, watch)?;
        let left = seconds - begun.elapsed().as_secs_f64();
        if agrees || left <= 0.0 || watch.over() {
            // Figures that contradict each other prove nothing.
            let bound = if agrees { outcome.bound } else { f64::NEG_INFINITY };
            return Some(Outcome { bound, proven: outcome.proven && agrees, ..outcome });
        }
        // Seldom, HiGHS 1.16's presolve loses a constant of the objective: the plan is right, objective and bound are not.
        self.run("off", gap, started, sign, left, watch).map(|(outcome, _)| outcome)
    }

    /// One run of the solver, and whether the objective that it names is that of its values.
    fn run(
        &self,
        presolve: &str,
        gap: f64,
        started: bool,
        sign: f64,
        seconds: f64,
        watch: &Watch,
    ) -> Option<(Outcome, bool)> {
        let (problem, start, constant) = (self.problem.clone(), &self.start, self.constant);
        let mut model = highs::Model::try_new(problem).ok()?;
        model.set_sense(Sense::Minimise);
        model.make_quiet();
        let numbers = [("mip_rel_gap", 0.0), ("mip_abs_gap", gap.max(1e-6)), ("time_limit", seconds)];
        for (option, value) in numbers {
            model.try_set_option(option, value).ok()?;
        }
        for (option, value) in [("threads", 1), ("random_seed", 7)] {
            model.try_set_option(option, value).ok()?;
        }
        model.try_set_option("parallel", "off").ok()?;
        model.try_set_option("presolve", presolve).ok()?;
        // What a restart would leave out was left out before: it would only do its work again.
        model.try_set_option("mip_allow_restart", false).ok()?;
        if started {
            // Where HiGHS does not take the plan it starts without it.
            let _ = model.try_set_solution(Some(start), None, None, None);
        }
        let mut caller = Caller { watch, constant, sign };
        let told: *mut Caller = &mut caller;
        let handle = model.as_mut_ptr();
        // SAFETY: the handle is the live model's; `caller` outlives the run below, after which nothing is called back.
        unsafe {
            highs_sys::Highs_setCallback(handle, Some(called_back), told.cast::<c_void>());
            for kind in [
                highs_sys::kHighsCallbackSimplexInterrupt,
                highs_sys::kHighsCallbackIpmInterrupt,
                highs_sys::kHighsCallbackMipInterrupt,
            ] {
                highs_sys::Highs_startCallback(handle, kind);
            }
        }
        let solved = model.try_solve().ok()?;
        let feasible = i64::from(highs_sys::SOLUTION_STATUS_FEASIBLE);
        let found = solved.int_info_value(c"primal_solution_status").is_ok_and(|status| status == feasible);
        let values = found.then(|| solved.get_solution().columns().to_vec());
        // SAFETY: the handle is the solved model's.
        let status = unsafe { highs_sys::Highs_getModelStatus(solved.as_ptr()) };
        let impossible = status == highs_sys::MODEL_STATUS_INFEASIBLE;
        let bound = solved.double_info_value(c"mip_dual_bound").ok().filter(|bound| bound.is_finite());
        let proven = [highs_sys::MODEL_STATUS_OPTIMAL, highs_sys::MODEL_STATUS_MODEL_EMPTY].contains(&status);
        let named = solved.objective_value();
        let agrees = values.as_ref().is_none_or(|values| {
            let worth: f64 = values.iter().zip(&self.costs).map(|(value, cost)| value * cost).sum();
            (worth - named).abs() <= SAME * (1.0 + worth.abs() + constant.abs())
        });
        Some((Outcome { values, bound: bound.unwrap_or(f64::NEG_INFINITY) + constant, impossible, proven }, agrees))
    }
}

/// Passes on what is known, and stops the solver when nobody waits or time is up. Must not panic: it is called from C.
unsafe extern "C" fn called_back(
    kind: c_int,
    _message: *const c_char,
    known: *const highs_sys::HighsCallbackDataOut,
    wish: *mut highs_sys::HighsCallbackDataIn,
    caller: *mut c_void,
) {
    // SAFETY: `caller` is what `least` gave and still holds; HiGHS gives its own two for the time of the call, or null.
    let (caller, known, wish) = unsafe { (caller.cast::<Caller>().as_ref(), known.as_ref(), wish.as_mut()) };
    let (Some(caller), Some(wish)) = (caller, wish) else { return };
    if caller.watch.over() {
        wish.user_interrupt = 1;
    }
    if let (highs_sys::kHighsCallbackMipInterrupt, Some(known)) = (kind, known) {
        let there =
            |value: f64| (value.is_finite() && value.abs() < 1e100).then_some(caller.sign * (value + caller.constant));
        if let Some(value) = there(known.mip_primal_bound) {
            caller.watch.found(value);
        }
        if let Some(bound) = there(known.mip_dual_bound) {
            caller.watch.bounded(bound);
        }
    }
}
