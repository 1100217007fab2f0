#!/usr/bin/env bash
# Runs tests, and says again at the end which ones failed and how. Usage: run.sh [options of swift test]
set -uo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
${SWIFT:-swift} test -c release "$@" 2>&1 | tee "$log"
status=$?
if [ $status -ne 0 ]; then
  grep '✘ Test ' "$log" | grep -v '✘ Test run ' | tail -n 30
  grep ' Test run with ' "$log" | tail -n 1
fi
exit $status
