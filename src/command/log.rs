//! The log: lines on standard error, with colours for terminals only; of what repeats, a few lines and a count.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::io::IsTerminal;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Of lines from the same place in the program, so many are written within [`WINDOW`]; the rest are counted.
const SHOWN: u64 = 10;
const WINDOW: Duration = Duration::from_secs(10);

/// The counts are lines as well, and never held back.
const COUNTS: &str = "silver_atlas::repeated";

/// Starts logging for the whole process. A filter that cannot be read is `info`.
pub fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // It calls an error what a client sends that is no HTTP; the answer says so, and anybody could fill the log.
    let filter = match "actix_http=off".parse() {
        Ok(silent) => filter.add_directive(silent),
        Err(_) => filter,
    };
    // Standard output is for answers and for the lines that scripts wait for.
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry().with(filter).with(Repeated).with(lines).init();
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(WINDOW / 10);
            tell(take_counts(Instant::now()));
        }
    });
}

/// Holds back warnings and errors that repeat.
struct Repeated;

/// The lines of one place in the program within a window.
struct Count {
    level: Level,
    began: Instant,
    written: u64,
    held_back: u64,
    /// What the last of them said.
    message: String,
}

static HELD: LazyLock<Mutex<HashMap<Identifier, Count>>> = LazyLock::new(Mutex::default);

impl<S: Subscriber> Layer<S> for Repeated {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let about = event.metadata();
        if *about.level() > Level::WARN || about.target() == COUNTS {
            return true;
        }
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let fresh = || Count { level: *about.level(), began: now, written: 0, held_back: 0, message: String::new() };
        let count = held.entry(about.callsite()).or_insert_with(fresh);
        if count.held_back == 0 && now >= count.began + WINDOW {
            *count = fresh();
        }
        if count.written < SHOWN {
            count.written += 1;
            return true;
        }
        count.held_back += 1;
        if count.held_back == 1 {
            let mut message = Message(String::new());
            event.record(&mut message);
            count.message = message.0;
        }
        false
    }
}

/// The words of an event, without its fields.
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing to a String cannot fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}

/// What was held back in windows that are over.
fn take_counts(now: Instant) -> Vec<Count> {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let over: Vec<Identifier> =
        held.iter().filter(|(_, count)| now >= count.began + WINDOW).map(|(place, _)| place.clone()).collect();
    over.into_iter().filter_map(|place| held.remove(&place)).filter(|count| count.held_back > 0).collect()
}

fn tell(counts: Vec<Count>) {
    for Count { level, held_back, message, .. } in counts {
        let seconds = WINDOW.as_secs();
        if level == Level::ERROR {
            tracing::error!(target: COUNTS, "{held_back} more like this in the last {seconds} s: {message}");
        } else {
            tracing::warn!(target: COUNTS, "{held_back} more like this in the last {seconds} s: {message}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("the lines").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn of_a_line_that_repeats_a_few_are_written_and_the_rest_counted() {
        let kept = Kept::default();
        let to = kept.clone();
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || to.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Repeated).with(lines), || {
            for at in 0..10_000 {
                tracing::warn!(at, "the database is far away");
                tracing::info!("a line of progress");
            }
            tell(take_counts(Instant::now() + WINDOW));
        });
        let text = String::from_utf8(kept.0.lock().expect("the lines").clone()).expect("text");
        let with = |words: &str| text.lines().filter(|line| line.contains(words)).count() as u64;
        assert_eq!(with("at="), SHOWN);
        assert_eq!(with("9990 more like this in the last 10 s: the database is far away"), 1, "{text}");
        assert_eq!(with("a line of progress"), 10_000, "what is no warning is not held back");
        assert!(!text.contains('\u{1b}'));
    }
}
