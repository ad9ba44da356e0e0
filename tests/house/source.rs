//! The project's files as the rules read them: the text, and the code without its comments and strings.

use std::fs;
use std::path::Path;

/// Folders that hold what is made or fetched, not what is written here.
const NOT_OURS: [&str; 6] = ["target", "node_modules", "dist", "data", ".git", "snapshots"];

pub struct Source {
    /// From the project's root, with `/`.
    pub path: String,
    pub text: String,
    /// The text with comments, strings and characters blanked: every byte that stays is where it was.
    pub code: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        let code = if path.ends_with(".rs") { blank(text) } else { text.to_owned() };
        Source { path: path.to_owned(), text: text.to_owned(), code }
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The module at the root that the file belongs to: `atlas` for `src/atlas/tree.rs`, `feed` for `src/feed.rs`.
    pub fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let room = inside.split('/').next()?;
        Some(room.strip_suffix(".rs").unwrap_or(room))
    }

    /// The line of a place in the text, from 1.
    pub fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// `path:line: what`, as editors open it.
    pub fn finding(&self, at: usize, what: impl std::fmt::Display) -> String {
        format!("{}:{}: {what}", self.path, self.line(at))
    }

    /// The identifiers of the code, with their places.
    pub fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut rest = 0;
        std::iter::from_fn(move || {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let start = rest + self.code[rest..].find(word)?;
            let end = self.code[start..].find(|c| !word(c)).map_or(self.code.len(), |length| start + length);
            rest = end;
            Some((start, &self.code[start..end]))
        })
    }

    /// The stretches that only tests are built from; a file may say so of itself.
    pub fn test_parts(&self) -> Vec<std::ops::Range<usize>> {
        if self.code.contains("#![cfg(test)]") {
            return std::iter::once(0..self.code.len()).collect();
        }
        let mark = "#[cfg(test)]";
        let mut parts: Vec<std::ops::Range<usize>> = Vec::new();
        for (start, _) in self.code.match_indices(mark) {
            if parts.last().is_some_and(|part| part.contains(&start)) {
                continue;
            }
            let mut depth = 0;
            let end = self.code[start + mark.len()..].char_indices().find(|(_, c)| {
                depth += i32::from(*c == '{') - i32::from(*c == '}');
                depth == 0 && (*c == '}' || *c == ';')
            });
            parts.push(start..end.map_or(self.code.len(), |(at, _)| start + mark.len() + at));
        }
        parts
    }
}

/// Every text file of the project.
pub fn all() -> Vec<Source> {
    let mut files = Vec::new();
    walk(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
    files
}

fn walk(folder: &Path, name: &str, files: &mut Vec<Source>) {
    let mut entries: Vec<_> = fs::read_dir(folder).expect("a folder of the project").flatten().collect();
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        let file = entry.file_name().to_string_lossy().into_owned();
        let path = if name.is_empty() { file.clone() } else { format!("{name}/{file}") };
        if entry.path().is_dir() {
            if !NOT_OURS.contains(&file.as_str()) {
                walk(&entry.path(), &path, files);
            }
        } else if file != ".git"
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            files.push(Source::new(&path, &text));
        }
    }
}

/// Blanks comments, strings and character literals, byte for byte.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let length = if rest.starts_with(b"//") {
            rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            find(rest, b"*/").map_or(rest.len(), |end| end + 2)
        } else if rest[0] == b'r' && !glued(bytes, at) && raw_hashes(rest).is_some() {
            let hashes = raw_hashes(rest).unwrap_or(0);
            let end = format!("\"{}", "#".repeat(hashes));
            find(&rest[hashes + 2..], end.as_bytes()).map_or(rest.len(), |found| hashes + 2 + found + end.len())
        } else if rest[0] == b'"' {
            quoted(rest, b'"')
        } else if rest[0] == b'\'' {
            character(rest)
        } else {
            at += 1;
            continue;
        };
        for byte in &mut code[at..at + length] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at += length;
    }
    String::from_utf8(code).expect("whole characters are blanked")
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// Whether the byte at `at` continues an identifier; the `b` of `br""` does not.
fn glued(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1] != b'b' && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
}

fn raw_hashes(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|b| **b == b'#').count();
    (rest.get(hashes + 1) == Some(&b'"')).then_some(hashes)
}

fn quoted(rest: &[u8], mark: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != mark {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The length of a character literal; 1 for the mark of a lifetime.
fn character(rest: &[u8]) -> usize {
    let first = std::str::from_utf8(&rest[1..rest.len().min(5)]);
    let valid = first.as_ref().map_or_else(|error| error.valid_up_to(), |text| text.len());
    let width =
        std::str::from_utf8(&rest[1..1 + valid]).ok().and_then(|text| text.chars().next()).map_or(1, char::len_utf8);
    match rest.get(1) {
        Some(b'\\') => quoted(rest, b'\''),
        Some(_) if rest.get(1 + width) == Some(&b'\'') => width + 2,
        _ => 1,
    }
}

#[test]
fn comments_strings_and_characters_are_no_code() {
    let source =
        Source::new("src/x.rs", "a // crate::b\n\"crate::c\" r#\"crate::\"d\"# 'e' '\\'' '中' &'f g /* crate::h */ i");
    let words: Vec<_> = source.words().map(|(_, word)| word).collect();
    assert_eq!(words, ["a", "f", "g", "i"]);
    assert_eq!(source.code.len(), source.text.len());
}

#[test]
fn what_only_tests_are_built_from_is_known() {
    let source =
        Source::new("src/x.rs", "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\nfn c() {}\n#[cfg(test)]\nmod d;\n");
    let parts = source.test_parts();
    let inside = |word: &str| parts.iter().any(|part| part.contains(&source.code.find(word).expect("there")));
    assert!(inside("b()") && inside("mod d") && !inside("a()") && !inside("c()"));
}

#[test]
fn the_project_is_found() {
    let files = all();
    assert!(files.iter().any(|file| file.path == "src/lib.rs"));
    assert!(!files.iter().any(|file| file.path.starts_with("target/")));
}
