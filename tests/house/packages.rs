//! What the program is built of: licences within deny.toml's list, nothing unused, nothing that records where it came from.

use std::process::Command;

use serde_json::Value;

use crate::source::{self, Source};

/// Packages that code uses without naming them, and why.
const USED_UNNAMED: [(&str, &str); 0] = [];

fn metadata() -> Value {
    // Only for this machine: cargo does not fetch other systems' packages, so without a network it could not read them.
    let version = Command::new(env!("CARGO")).args(["--version", "--verbose"]).output().expect("cargo answers");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo names its host");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo answers");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

fn allowed() -> Vec<String> {
    let deny = include_str!("../../deny.toml").parse::<toml::Table>().expect("deny.toml is TOML");
    let list = deny["licenses"]["allow"].as_array().expect("a list of licences");
    list.iter().filter_map(|licence| licence.as_str().map(str::to_owned)).collect()
}

/// Whether an SPDX expression can be met with these licences. The old `MIT/Apache-2.0` means OR; `MPL-2.0+` holds MPL-2.0.
fn permitted(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "~");
    let words: Vec<_> = spaced.split_whitespace().map(|word| word.replace('~', " WITH ")).collect();
    let mut rest = &words[..];
    !rest.is_empty() && any_of(&mut rest, allowed) && rest.is_empty()
}

fn any_of(rest: &mut &[String], allowed: &[String]) -> bool {
    let mut met = all_of(rest, allowed);
    while rest.first().is_some_and(|word| word == "OR") {
        *rest = &rest[1..];
        met |= all_of(rest, allowed);
    }
    met
}

fn all_of(rest: &mut &[String], allowed: &[String]) -> bool {
    let mut met = one(rest, allowed);
    while rest.first().is_some_and(|word| word == "AND") {
        *rest = &rest[1..];
        met &= one(rest, allowed);
    }
    met
}

fn one(rest: &mut &[String], allowed: &[String]) -> bool {
    let Some((word, after)) = rest.split_first() else { return false };
    *rest = after;
    if word != "(" {
        return allowed.iter().any(|licence| licence == word.trim_end_matches('+'));
    }
    let met = any_of(rest, allowed);
    *rest = rest.get(1..).unwrap_or(&[]);
    met
}

fn wrong_licences(metadata: &Value, allowed: &[String]) -> Vec<String> {
    let packages = metadata["packages"].as_array().expect("packages");
    let wrong = packages.iter().filter(|package| !permitted(package["license"].as_str().unwrap_or(""), allowed));
    wrong.map(|package| format!("{} {}: licence {}", package["name"], package["version"], package["license"])).collect()
}

fn wrong_npm_packages(lock: &Source, allowed: &[String]) -> Vec<String> {
    let json: Value = serde_json::from_str(&lock.text).expect("a lock file is JSON");
    let mut wrong = Vec::new();
    for (name, package) in json["packages"].as_object().expect("packages") {
        if !permitted(package["license"].as_str().unwrap_or(""), allowed) {
            wrong.push(format!("{}: {name}: licence {}", lock.path, package["license"]));
        }
        if package["resolved"].is_string() {
            // A download address ties everyone to one mirror; .npmrc has omit-lockfile-registry-resolved=true.
            wrong.push(format!("{}: {name}: records where it was downloaded", lock.path));
        }
    }
    wrong
}

/// Direct dependencies that no file names.
fn unused(metadata: &Value, files: &[Source]) -> Vec<String> {
    let root =
        metadata["packages"].as_array().expect("packages").iter().find(|package| package["name"] == "silver-atlas");
    let dependencies = root.expect("the project itself")["dependencies"].as_array().expect("dependencies");
    let mut wrong = Vec::new();
    for dependency in dependencies.iter().filter(|dependency| dependency["kind"] != "build") {
        let package = dependency["name"].as_str().unwrap_or_default();
        let name = dependency["rename"].as_str().unwrap_or(package).replace('-', "_");
        let runs = dependency["kind"].is_null();
        let place = |file: &&Source| {
            file.is_rust() && file.path != "tests/house/packages.rs" && (!runs || file.path.starts_with("src/"))
        };
        let named = files.iter().filter(place).any(|file| file.words().any(|(_, word)| word == name));
        if !named && !USED_UNNAMED.iter().any(|(unnamed, _)| *unnamed == package) {
            let where_to =
                if runs { "src: drop it, or make it a dev-dependency" } else { "any test or bench: drop it" };
            wrong.push(format!("{package} is not used in {where_to}"));
        }
    }
    wrong
}

#[test]
fn every_package_has_a_licence_that_deny_toml_allows() {
    let wrong = wrong_licences(&metadata(), &allowed());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_licence_that_is_not_allowed_is_found() {
    let allowed = ["MIT".to_owned(), "Unicode-3.0".to_owned(), "Apache-2.0 WITH LLVM-exception".to_owned()];
    for right in ["MIT", "MIT/GPL-3.0", "GPL-3.0 OR (MIT AND Unicode-3.0)", "Apache-2.0 WITH LLVM-exception", "MIT+"] {
        assert!(permitted(right, &allowed), "{right}");
    }
    for wrong in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND BSL-1.0", "Apache-2.0", "MIT Unicode-3.0"] {
        assert!(!permitted(wrong, &allowed), "{wrong}");
    }
    let metadata = serde_json::json!({"packages": [{"name": "x", "version": "1", "license": null}]});
    assert_eq!(wrong_licences(&metadata, &allowed).len(), 1);
}

#[test]
fn every_npm_package_has_an_allowed_licence_and_no_download_address() {
    let files = source::all();
    let locks = files.iter().filter(|file| file.path.ends_with("package-lock.json"));
    let wrong: Vec<_> = locks.flat_map(|lock| wrong_npm_packages(lock, &allowed())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_npm_package_out_of_line_is_found() {
    let lock = r#"{"packages": {"x": {"license": "GPL-3.0", "resolved": "https://example.org/x.tgz"}}}"#;
    assert_eq!(wrong_npm_packages(&Source::new("assets/package-lock.json", lock), &["MIT".to_owned()]).len(), 2);
}

#[test]
fn every_direct_dependency_is_used() {
    let wrong = unused(&metadata(), &source::all());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_dependency_that_nothing_uses_is_found() {
    let dependencies = serde_json::json!([
        {"name": "serde-json", "kind": null, "rename": null},
        {"name": "left-pad", "kind": null, "rename": null},
        {"name": "proptest", "kind": "dev", "rename": null},
    ]);
    let metadata = serde_json::json!({"packages": [{"name": "silver-atlas", "dependencies": dependencies}]});
    let files =
        [Source::new("src/x.rs", "use serde_json::Value; // left_pad"), Source::new("tests/x.rs", "use proptest::x;")];
    assert_eq!(unused(&metadata, &files), ["left-pad is not used in src: drop it, or make it a dev-dependency"]);
}
