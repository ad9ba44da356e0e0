#!/usr/bin/env bash
# Prints the Chromium that the browser tests can use; fails where there is none that really shows a page.
set -euo pipefail
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
for name in ${CHROMIUM:-} chromium chromium-browser google-chrome; do
  program=$(command -v "$name") || continue
  # Ubuntu's chromium-browser may be a note that asks for a snap: being there is not enough, it has to show a page.
  page=$(timeout 60 "$program" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$home" \
    --dump-dom 'data:text/html,<p>it works' 2>/dev/null </dev/null) || continue
  [[ $page == *'it works'* ]] && printf '%s\n' "$program" && exit 0
done
exit 1
