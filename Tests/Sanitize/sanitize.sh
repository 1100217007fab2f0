#!/usr/bin/env bash
# Builds modules and tests with LLVM's address sanitizer, then with its thread sanitizer, and runs the tests; Package.swift
# says which ones. Usage: sanitize.sh [address] [thread]
set -euo pipefail
cd "$(dirname "$0")/../.."
# What the test runner and the Swift runtime keep until the end is not lost.
export ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS="suppressions=$PWD/Tests/Sanitize/thread.txt"
declare -A left_out=(
  [address]=nothing
  # Ten thousand clips and three hundred states, which have the threads of one.
  [thread]='InputMutationTests|survivesAnyBytes'
)
for sanitizer in ${*:-address thread}; do
  NEM_STREAM_SANITIZE=$sanitizer Tests/run.sh --sanitize="$sanitizer" --scratch-path ".build/$sanitizer" \
    -Xswiftc -use-ld=lld --skip "${left_out[$sanitizer]}"
done
