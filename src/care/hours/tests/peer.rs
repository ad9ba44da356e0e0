//! The state of many expressions, held against that of opening_hours.js.

use super::{at, hours};

#[test]
fn another_program_says_the_same() {
    let mut differ = Vec::new();
    // The other program takes an open end behind a closing time for that closing time; here what comes after it is unknown.
    let compared = |line: &&str| !line.starts_with(['#']) && !line.starts_with("10:00-16:00+\t");
    for line in include_str!("../../../../tests/hours/opening_hours_js.tsv").lines().filter(compared) {
        let (expression, times) = line.split_once('\t').expect("an expression and times");
        let hours = hours(expression);
        for time in times.split(' ') {
            let (when, theirs) = time.split_at(time.len() - 1);
            let ours = match hours.open_at(at(&format!("{when}:00"))) {
                Some(true) => "o",
                Some(false) => "c",
                None => "u",
            };
            if ours != theirs {
                differ.push(format!("{expression} at {when}: {ours}, theirs {theirs}"));
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
