#!/usr/bin/env bash
# Builds modules and tests with LLVM's address sanitizer, then with its thread sanitizer, and runs the tests; Package.swift
# says which ones. Usage: sanitize.sh [address] [thread]
set -euo pipefail
cd "$(dirname "$0")/../.."
# What the test runner and the Swift runtime keep until the end is not lost.
export ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS="suppressions=$PWD/Tests/Sanitize/thread.txt"
declare -A left_out=(
  # What takes most of the time there, and uses memory as tests that stay do: long scenes, scores, whole clips' times.
  [address]='WhereTheNoiseChanges|WhereLittleHappens|SharedSequencesTests|realClipsAreExactToo|everyFrameComesWithItsTime'
  # What takes minutes there and has the same threads as tests that stay: many clips and states, long scenes.
  [thread]='InputMutationTests|survivesAnyBytes|InputClipTests|SelectionTests|StandingObjectTests/(what|also|aHole)'
)
for sanitizer in ${*:-address thread}; do
  NEM_STREAM_SANITIZE=$sanitizer Tests/run.sh --sanitize="$sanitizer" --scratch-path ".build/$sanitizer" \
    -Xswiftc -use-ld=lld --skip "${left_out[$sanitizer]}"
done
