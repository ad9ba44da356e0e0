//! What the project says about itself: no places of one person's machine, and an ARCHITECTURE.md that is still true.

use crate::source::{self, Source};

/// Written in two halves, or this file would find itself.
const FOREIGN: [(&str, &str); 8] = [
    (concat!("/wo", "rk/"), "a place on someone's machine"),
    (concat!("/ho", "me/"), "a place on someone's machine"),
    (concat!("/Use", "rs/"), "a place on someone's machine"),
    (concat!("registry.", "npmjs.org"), "the host of a package registry"),
    (concat!("deb.", "debian.org"), "the host of a package registry"),
    (concat!("archive.", "ubuntu.com"), "the host of a package registry"),
    (concat!("index.", "crates.io"), "the host of a package registry"),
    (concat!("static.", "crates.io"), "the host of a package registry"),
];

fn foreign_places(files: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.path != "Cargo.lock") {
        for (text, what) in FOREIGN {
            wrong.extend(file.text.match_indices(text).map(|(at, _)| file.finding(at, format!("{text} is {what}"))));
        }
    }
    wrong
}

/// Rooms that README.md and ARCHITECTURE.md leave out.
fn unmentioned(files: &[Source]) -> Vec<String> {
    let Some(lib) = files.iter().find(|file| file.path == "src/lib.rs") else { return Vec::new() };
    let words: Vec<_> = lib.words().map(|(_, word)| word).collect();
    let rooms: Vec<_> = words.windows(2).filter(|pair| pair[0] == "mod").map(|pair| pair[1]).collect();
    let mut wrong = Vec::new();
    for page in files.iter().filter(|file| matches!(file.path.as_str(), "README.md" | "ARCHITECTURE.md")) {
        let said: Vec<_> = page.text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let left_out = rooms.iter().filter(|room| !said.contains(*room));
        wrong.extend(left_out.map(|room| format!("{}: does not mention src/{room}", page.path)));
    }
    wrong
}

/// Files and folders that ARCHITECTURE.md names and that are not there. A name may leave out the folders in front.
fn gone(files: &[Source]) -> Vec<String> {
    let Some(page) = files.iter().find(|file| file.path == "ARCHITECTURE.md") else { return Vec::new() };
    let mut wrong = Vec::new();
    for word in page.text.split(|c: char| c.is_whitespace() || "`()[],;:|\"".contains(c)) {
        let name = word.trim_start_matches("./").trim_end_matches('.');
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
        let is_file =
            [".rs", ".toml", ".sh", ".mjs", ".sql", ".css"].iter().any(|end| name.ends_with(end) && name != *end);
        let is_folder = name.ends_with('/') && name.len() > 1 && page.text.contains(&format!("`{name}`"));
        let here = |file: &Source| {
            let path = format!("/{}", file.path);
            if is_file { path.ends_with(&format!("/{name}")) } else { path.contains(&format!("/{name}")) }
        };
        // What is made and not written (target/, assets/dist/) is no file of the project.
        let made = ["target/", "data/", "dist/", "node_modules/"].iter().any(|folder| name.contains(folder));
        if plain && (is_file || is_folder) && !made && !files.iter().any(here) {
            wrong.push(format!("ARCHITECTURE.md names {name}, which does not exist"));
        }
    }
    wrong
}

fn check(rule: fn(&[Source]) -> Vec<String>) {
    let wrong = rule(&source::all());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_names_a_place_on_someones_machine_or_a_registrys_host() {
    check(foreign_places);
}

#[test]
fn a_place_on_someones_machine_is_found() {
    let text = format!("see {}ada/notes.txt", FOREIGN[1].0);
    assert_eq!(foreign_places(&[Source::new("README.md", &text)]).len(), 1);
}

#[test]
fn the_readme_and_the_architecture_mention_every_room() {
    check(unmentioned);
}

#[test]
fn a_room_that_is_left_out_is_found() {
    let lib = Source::new("src/lib.rs", "//! X.\npub mod care;\npub mod atlas;\n");
    let page = Source::new("README.md", "The `atlas` is the map. Take great careful notes.");
    assert_eq!(unmentioned(&[lib, page]), ["README.md: does not mention src/care"]);
}

#[test]
fn every_file_that_the_architecture_names_exists() {
    check(gone);
}

#[test]
fn a_file_that_is_gone_is_found() {
    let page =
        Source::new("ARCHITECTURE.md", "`atlas/tree.rs` and `atlas/gone.rs`, `care/`, `lost/`, and/or `target/x.rs`.");
    let files = [page, Source::new("src/atlas/tree.rs", ""), Source::new("src/care/mod.rs", "")];
    let wrong = gone(&files);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
}
