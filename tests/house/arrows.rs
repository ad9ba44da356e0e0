//! Who may use whom: the arrows between the rooms of the house, and which rooms know which crates.

use crate::source::{self, Source};

/// A room, and the rooms that it may use. They stand in the order in which the data flows.
const MAY_USE: [(&str, &[&str]); 18] = [
    ("lib", &[]),
    ("care", &[]),
    ("settings", &[]),
    ("exchange", &["care"]),
    ("registry", &["care"]),
    ("intake", &["care", "exchange", "registry"]),
    ("atlas", &["care"]),
    ("analysis", &["care", "atlas"]),
    ("feed", &["care", "registry", "atlas"]),
    ("past", &["atlas", "registry"]),
    ("quiet", &[]),
    ("http", &["care", "exchange", "atlas", "analysis", "registry", "feed", "past", "settings"]),
    ("api", &["care", "atlas", "analysis", "registry", "feed", "http", "exchange"]),
    ("pages", &["care", "atlas", "analysis", "registry", "feed", "http", "exchange"]),
    ("serve", EVERY_ROOM),
    ("command", EVERY_ROOM),
    ("main", &["command", "settings"]),
    ("bin", EVERY_ROOM),
];

const EVERY_ROOM: &[&str] = &[
    "care", "settings", "exchange", "registry", "intake", "atlas", "analysis", "feed", "past", "quiet", "http", "api",
    "pages", "serve", "command",
];

/// A crate (or all whose names begin so), and the only rooms that know it.
const ONLY_IN: [(&str, &[&str]); 9] = [
    ("diesel*", &["registry"]),
    ("tokio_postgres", &["registry"]),
    ("postgis_diesel", &["registry"]),
    ("actix*", &["http", "api", "pages", "serve"]),
    ("maud", &["http", "pages"]),
    ("highs*", &["analysis"]),
    ("plotters*", &["pages"]),
    ("clap", &["main", "command", "settings"]),
    ("rayon", &["atlas", "analysis", "exchange", "intake", "registry", "quiet"]),
];

/// A crate, and the rooms that must do without: what is pure stays pure.
const NOT_IN: [(&str, &[&str]); 2] =
    [("tokio*", &["care", "exchange", "atlas", "analysis"]), ("reqwest", &["care", "exchange", "atlas", "analysis"])];

fn is_room(name: &str) -> bool {
    EVERY_ROOM.contains(&name)
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// The rooms that a file names: `crate::room`, `crate::{room::.., room}`, and `super::room` from a file at the root.
fn rooms_used(file: &Source) -> Vec<(usize, String)> {
    let root = if file.path == "src/main.rs" { "silver_atlas" } else { "crate" };
    let mut used = Vec::new();
    for (at, word) in file.words() {
        let after = at + word.len();
        let Some(path) = file.code[after..].strip_prefix("::") else { continue };
        let from = after + 2;
        if word == root && path.starts_with('{') {
            let mut depth = 0;
            let mut first = true;
            for (offset, c) in path.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => first = true,
                    _ if depth == 1 && first && (c.is_alphabetic() || c == '_') => {
                        used.push((from + offset, name_at(&path[offset..])));
                        first = false;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
        } else if word == root || word == "super" && is_room(&name_at(path)) && at_the_root(&file.path) {
            used.push((from, name_at(path)));
        }
    }
    used
}

fn name_at(code: &str) -> String {
    code.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether `super` in this file is the root of the crate.
fn at_the_root(path: &str) -> bool {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    !inside.contains('/') || inside.matches('/').count() == 1 && inside.ends_with("/mod.rs")
}

fn wrong_arrows(files: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let Some(room) = file.room() else { continue };
        let Some((_, may)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: the room {room} is not in the table of who may use whom", file.path));
            continue;
        };
        // A test may look at a room from anywhere.
        let tests = file.test_parts();
        for (at, used) in rooms_used(file) {
            let tested = tests.iter().any(|part| part.contains(&at));
            if !tested && is_room(&used) && used != room && !may.contains(&used.as_str()) {
                wrong.push(file.finding(at, format!("{room} may not use {used}")));
            }
        }
        for (at, _) in file.code.match_indices("super::super::") {
            wrong.push(file.finding(at, "say crate::… instead of super::super::…"));
        }
    }
    wrong
}

fn wrong_crates(files: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let Some(room) = file.room() else { continue };
        for (at, word) in file.words() {
            // A crate is named at the beginning of a path; `crate::registry::diesel::` would be something else.
            let path = file.code[at + word.len()..].starts_with("::") && !file.code[..at].ends_with("::");
            if !path {
                continue;
            }
            let out_of_place = ONLY_IN.iter().any(|(name, rooms)| matches(name, word) && !rooms.contains(&room));
            let impure = NOT_IN.iter().any(|(name, rooms)| matches(name, word) && rooms.contains(&room));
            if out_of_place || impure {
                wrong.push(file.finding(at, format!("{room} may not know the crate {word}")));
            }
        }
    }
    wrong
}

#[test]
fn every_arrow_between_rooms_is_in_the_table() {
    let wrong = wrong_arrows(&source::all());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_arrow_that_is_not_in_the_table_is_found() {
    for (path, text) in [
        ("src/care/x.rs", "use crate::atlas::Atlas;"),
        ("src/atlas/x.rs", "use crate::{care::Place, registry::Registry};"),
        ("src/api/x.rs", "fn f() { crate::intake::preview() }"),
        ("src/atlas/mod.rs", "use super::registry::Registry;"),
        ("src/care/x.rs", "use super::super::atlas;"),
        ("src/main.rs", "use silver_atlas::registry::Registry;"),
        ("src/common/x.rs", ""),
    ] {
        assert_eq!(wrong_arrows(&[Source::new(path, text)]).len(), 1, "{path}: {text}");
    }
    let right = Source::new("src/analysis/x.rs", "use crate::{\n    atlas::{Atlas, Filter},\n    care::Place,\n};");
    assert_eq!(rooms_used(&right).len(), 2);
    assert!(wrong_arrows(&[right]).is_empty());
}

#[test]
fn the_table_has_no_circle() {
    // Each room may use only rooms that stand above it: whoever has an order has no circle.
    for (at, (room, may)) in MAY_USE.iter().enumerate() {
        let above = |used: &str| MAY_USE[..at].iter().any(|(name, _)| *name == used);
        let wrong: Vec<_> = may.iter().filter(|used| !above(used) && *may != EVERY_ROOM).collect();
        assert!(wrong.is_empty() || *room == "main", "{room} stands above {wrong:?}");
    }
}

#[test]
fn every_crate_is_known_only_where_it_belongs() {
    let wrong = wrong_crates(&source::all());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_crate_out_of_place_is_found() {
    for (path, text) in [
        ("src/atlas/x.rs", "use tokio::sync::Mutex;"),
        ("src/feed.rs", "use diesel::prelude::*;"),
        ("src/api/x.rs", "use maud::html;"),
        ("src/command/x.rs", "fn f(r: actix_web::HttpRequest) {}"),
    ] {
        assert_eq!(wrong_crates(&[Source::new(path, text)]).len(), 1, "{path}: {text}");
    }
    assert!(wrong_crates(&[Source::new("src/registry/x.rs", "use diesel_async::RunQueryDsl; // maud::")]).is_empty());
}
