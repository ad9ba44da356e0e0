//! The order in which rules hold, where it is not the one that they are written in.

use opening_hours_syntax::rules::{RuleKind, RuleOperator, RuleSequence};

/// Moves closures of certain dates behind the rules that name no date. By OpenStreetMap's order `2026 Nov 30-Dec 06 off;
/// Mo-Su 11:00-13:00` is never closed; whoever writes it means that it is.
pub(super) fn closures_last(rules: &mut Vec<RuleSequence>) {
    let dated = |rule: &RuleSequence| !(rule.day_selector.monthday.is_empty() && rule.day_selector.year.is_empty());
    let closed = |rule: &RuleSequence| rule.kind == RuleKind::Closed;
    let own = |rule: &RuleSequence| rule.operator != RuleOperator::Fallback;
    let Some(last) = rules.iter().rposition(|rule| !dated(rule) && !closed(rule) && own(rule)) else { return };
    let after = rules.split_off(last + 1);
    let (closures, others): (Vec<_>, Vec<_>) =
        rules.drain(..).partition(|rule| dated(rule) && closed(rule) && own(rule));
    rules.extend(others.into_iter().chain(closures).chain(after));
}
