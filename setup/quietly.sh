#!/usr/bin/env bash
# Runs a command in silence: what it says goes to a log, which is shown when it fails. Tries as often as TRIES says.
set -euo pipefail
log=$1
shift
for try in $(seq "${TRIES:-1}"); do
  printf '\n$ %s\n' "$*" >>"$log"
  from=$(($(stat -c %s "$log") + 1))
  "$@" >>"$log" 2>&1 </dev/null && exit 0
  [ "$try" = "${TRIES:-1}" ] || sleep 5
done
printf '%s\n' "failed: $*" "what it said (all of it is in $log):" >&2
tail -c "+$from" "$log" | tail -n 40 | sed 's/^/  | /' >&2
exit 1
