#!/usr/bin/env bash
# Looks for known vulnerabilities in what the program is built of; says so where it cannot look.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! cargo deny --version >/dev/null 2>&1; then
  echo 'skipped: cargo-deny is not installed (cargo install --locked cargo-deny)'
elif ! cargo deny fetch db >>target/setup.log 2>&1; then
  echo 'skipped: the database of advisories cannot be reached'
else
  cargo deny --locked check --disable-fetch advisories
fi
