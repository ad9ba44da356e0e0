//! The form of files: the first line, the length, the names, and nothing that stops the program or waits to be written.

use std::collections::HashSet;

use crate::source::{self, Source};

const LONGEST: usize = 350;
const EMPTY_NAMES: [&str; 10] =
    ["utils", "util", "common", "helpers", "helper", "manager", "service", "misc", "types", "stuff"];

fn in_src(file: &&Source) -> bool {
    file.is_rust() && file.path.starts_with("src/")
}

fn wrong_first_lines(files: &[Source]) -> Vec<String> {
    let says =
        |file: &&Source| file.text.lines().next().is_some_and(|line| line.len() > 12 && line.starts_with("//! "));
    let ours = |file: &&Source| file.is_rust() && !file.path.starts_with("seed/");
    files
        .iter()
        .filter(ours)
        .filter(|file| !says(file))
        .map(|file| file.finding(0, "does not say what it is"))
        .collect()
}

fn too_long(files: &[Source]) -> Vec<String> {
    let length = |file: &Source| file.text.lines().count();
    let long = files.iter().filter(in_src).filter(|file| length(file) > LONGEST);
    long.map(|file| format!("{}: {} lines, {LONGEST} at most", file.path, length(file))).collect()
}

fn empty_names(files: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let words = file.path.trim_end_matches(".rs").split(['/', '_']);
        for word in words.filter(|word| EMPTY_NAMES.contains(word)) {
            wrong.push(format!("{}: the name {word} says nothing", file.path));
        }
        let all: Vec<_> = file.words().collect();
        for pair in all.windows(2).filter(|pair| pair[0].1 == "mod") {
            if pair[1].1.split('_').any(|word| EMPTY_NAMES.contains(&word)) {
                wrong.push(file.finding(pair[1].0, format!("the name {} says nothing", pair[1].1)));
            }
        }
    }
    wrong
}

fn unfinished(files: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        for mark in ["todo!", "unimplemented!", "dbg!", "#[ignore"] {
            wrong.extend(file.code.match_indices(mark).map(|(at, _)| file.finding(at, format!("{mark} is left here"))));
        }
    }
    wrong
}

/// Files that are modules of tests only: `#[cfg(test)] mod name;` somewhere names them.
fn test_files(files: &[Source]) -> HashSet<String> {
    let mut found = HashSet::new();
    for file in files.iter().filter(in_src) {
        let folder = file.path.strip_suffix("/mod.rs").unwrap_or(file.path.trim_end_matches(".rs"));
        let folder = if matches!(folder, "src/lib" | "src/main") { "src" } else { folder };
        for part in file.test_parts() {
            if let Some(name) = file.code[part].trim_start_matches("#[cfg(test)]").trim().strip_prefix("mod ")
                && !name.contains('{')
            {
                found.insert(format!("{folder}/{name}"));
            }
        }
    }
    found
}

fn sudden_ends(files: &[Source]) -> Vec<String> {
    let tests = test_files(files);
    let is_test = |file: &Source| {
        let name = file.path.trim_end_matches(".rs");
        tests.iter().any(|test| name == test || name.starts_with(&format!("{test}/")))
    };
    let mut wrong = Vec::new();
    for file in files.iter().filter(in_src).filter(|file| !is_test(file)) {
        let parts = file.test_parts();
        let lines: Vec<_> = file.text.lines().collect();
        for mark in [".unwrap()", ".expect(", "panic!(", "unreachable!("] {
            for (at, _) in file.code.match_indices(mark) {
                let line = file.line(at) - 1;
                let above = lines[..line].iter().rev().take_while(|line| line.trim_start().starts_with("//"));
                let told = lines[line].contains("// cannot fail: ")
                    || above.into_iter().any(|l| l.contains("// cannot fail: "));
                if !told && !parts.iter().any(|part| part.contains(&at)) {
                    wrong.push(file.finding(at, format!("{mark} without \"// cannot fail: …\" on it or above it")));
                }
            }
        }
    }
    wrong
}

fn check(rule: fn(&[Source]) -> Vec<String>) {
    let wrong = rule(&source::all());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn finds(rule: fn(&[Source]) -> Vec<String>, path: &str, text: &str) -> bool {
    !rule(&[Source::new(path, text)]).is_empty()
}

#[test]
fn the_first_line_of_a_file_says_what_it_is() {
    check(wrong_first_lines);
}

#[test]
fn a_file_that_does_not_say_what_it_is_is_found() {
    assert!(finds(wrong_first_lines, "src/x.rs", "use std::fmt;\n"));
    assert!(finds(wrong_first_lines, "src/x.rs", ""));
    assert!(!finds(wrong_first_lines, "src/x.rs", "//! The tree of regions.\n"));
}

#[test]
fn no_file_is_longer_than_a_person_reads_at_once() {
    check(too_long);
}

#[test]
fn a_file_that_is_too_long_is_found() {
    assert!(finds(too_long, "src/x.rs", &"\n".repeat(LONGEST + 1)));
    assert!(!finds(too_long, "src/x.rs", &"\n".repeat(LONGEST)));
}

#[test]
fn every_name_says_something() {
    check(empty_names);
}

#[test]
fn a_name_that_says_nothing_is_found() {
    assert!(finds(empty_names, "src/utils/x.rs", ""));
    assert!(finds(empty_names, "src/atlas/geo_helpers.rs", ""));
    assert!(finds(empty_names, "src/atlas/x.rs", "mod common;"));
    assert!(!finds(empty_names, "src/care/services.rs", "let common = 1;"));
}

#[test]
fn nothing_waits_to_be_written() {
    check(unfinished);
}

#[test]
fn what_waits_to_be_written_is_found() {
    assert!(finds(unfinished, "src/x.rs", "fn f() { todo!() }"));
    assert!(finds(unfinished, "tests/x.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}"));
    assert!(!finds(unfinished, "src/x.rs", "// todo!() later"));
}

#[test]
fn nothing_ends_the_program_without_saying_why_it_cannot() {
    check(sudden_ends);
}

#[test]
fn a_sudden_end_is_found() {
    assert!(finds(sudden_ends, "src/x.rs", "fn f() { g().unwrap() }"));
    assert!(finds(sudden_ends, "src/x.rs", "fn f() {\n    // it is fine\n    g().expect(\"fine\")\n}"));
    assert!(!finds(sudden_ends, "src/x.rs", "fn f() {\n    // cannot fail: g is a constant\n    g().unwrap()\n}"));
    assert!(!finds(sudden_ends, "src/x.rs", "#[cfg(test)]\nmod tests {\n    fn f() { g().unwrap() }\n}"));
    let parent = Source::new("src/a/mod.rs", "#[cfg(test)]\nmod b;\n");
    assert!(sudden_ends(&[parent, Source::new("src/a/b.rs", "fn f() { g().unwrap() }")]).is_empty());
}
