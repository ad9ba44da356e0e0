//! Clocks: opening hours parsed once for all that keep them, with the state remembered until it or the day changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::NaiveDateTime;

use crate::care::Hours;
use crate::care::hours::{Doubt, State};

/// How many stretches of time a clock remembers: one for each day of a week, so that questions about now and about
/// next Sunday do not push each other out.
const REMEMBERED: usize = 7;
/// Minutes since 1970 are kept in so many bits; that lasts until the year 4011.
const MINUTE_BITS: u32 = 30;
const LAST_MINUTE: i64 = (1 << MINUTE_BITS) - 1;

/// The hours of one expression.
pub(crate) struct Clock {
    hours: Hours,
    /// From (inclusive) and until (exclusive) in minutes, and the state, in one word: a reader sees all or nothing.
    remembered: [AtomicU64; REMEMBERED],
}

impl Clock {
    fn new(hours: Hours) -> Clock {
        Clock { hours, remembered: Default::default() }
    }

    pub fn hours(&self) -> &Hours {
        &self.hours
    }

    /// Open or not at a local time. Hours change at whole minutes. What is not remembered costs one day's evaluation.
    pub fn state_at(&self, local: NaiveDateTime) -> State {
        let since_1970 = local.and_utc().timestamp().div_euclid(60);
        if !(0..LAST_MINUTE).contains(&since_1970) {
            return self.hours.state_at(local);
        }
        let minute = since_1970 as u64;
        let memory = &self.remembered[(since_1970 / 1440) as usize % REMEMBERED];
        // Relaxed is enough: the word is whole in itself and stands for nothing else.
        let word = memory.load(Ordering::Relaxed);
        if (unpack_from(word)..unpack_until(word)).contains(&minute) {
            return unpack_state(word);
        }
        let stretch = self.hours.stretch_at(local);
        let midnight = minute - minute % 1440;
        let until = (midnight + u64::from(stretch.until)).min(LAST_MINUTE as u64);
        memory.store(pack(minute, until, stretch.state), Ordering::Relaxed);
        stretch.state
    }
}

fn pack(from: u64, until: u64, state: State) -> u64 {
    let state = match state {
        State::Closed => 0,
        State::Open => 1,
        State::Unknown(Doubt::Told) => 2,
        State::Unknown(Doubt::Holidays) => 3,
    };
    from << (2 + MINUTE_BITS) | until << 2 | state
}

fn unpack_from(word: u64) -> u64 {
    word >> (2 + MINUTE_BITS)
}

fn unpack_until(word: u64) -> u64 {
    word >> 2 & LAST_MINUTE as u64
}

fn unpack_state(word: u64) -> State {
    match word & 3 {
        0 => State::Closed,
        1 => State::Open,
        2 => State::Unknown(Doubt::Told),
        _ => State::Unknown(Doubt::Holidays),
    }
}

/// The clocks of a snapshot by expression; `None` for one that cannot be read.
#[derive(Clone, Default)]
pub(crate) struct Clocks(imbl::HashMap<Arc<str>, Option<Arc<Clock>>>);

impl Clocks {
    /// The clock of an expression, made if there is none yet.
    pub fn wind(&mut self, expression: &str) -> Option<Arc<Clock>> {
        if let Some(clock) = self.0.get(expression) {
            return clock.clone();
        }
        let clock = Hours::parse(expression).ok().map(|hours| Arc::new(Clock::new(hours)));
        self.0.insert(expression.into(), clock.clone());
        clock
    }

    /// The clock of an expression that was wound before.
    pub fn get(&self, expression: &str) -> Option<Arc<Clock>> {
        self.0.get(expression)?.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[test]
    fn a_clock_that_remembers_says_what_the_hours_say() {
        let start: NaiveDateTime = "2026-11-20T00:00:30".parse().expect("a local time");
        for expression in [
            "Mo-Fr 08:00-17:30",
            "24/7",
            "22:00-06:00",
            "2026 Nov 21 10:00-12:00 unknown",
            "off",
            "Mo-Su 08:00-18:00; PH off",
        ] {
            let hours = Hours::parse(expression).expect("valid");
            let clock = Clock::new(hours.clone());
            // Steps that are no divisor of an hour, there and back, so that stretches are met in every order.
            for step in (0..3000).chain((0..3000).rev()) {
                let local = start + Duration::minutes(7 * step);
                assert_eq!(clock.state_at(local), hours.state_at(local), "{expression} at {local}");
            }
        }
    }

    #[test]
    fn closing_time_is_closed_to_the_second() {
        let clock = Clock::new(Hours::parse("08:00-17:30").expect("valid"));
        let at = |text: &str| text.parse::<NaiveDateTime>().expect("a local time");
        assert_eq!(clock.state_at(at("2026-11-20T17:29:59.999")), State::Open);
        assert_eq!(clock.state_at(at("2026-11-20T17:30:00")), State::Closed);
        assert_eq!(clock.state_at(at("1960-01-01T12:00:00")), State::Open);
    }
}
