#!/usr/bin/env bash
# Wall time of a whole run against FFmpeg only decoding the same clip, in turn; prints each pair and the median ratio.
# Usage: whole-run.sh [CLIP] [PAIRS]
set -euo pipefail
cd "$(dirname "$0")/../.."
clip=${1:-Examples/traffic_camera.mp4}
pairs=${2:-7}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

seconds() {
  local start=$EPOCHREALTIME
  "$@"
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f", b - a }'
}

run() { .build/release/nem-stream "$clip" --masks "$out/masks" --overwrite --quiet; }
decode() { ffmpeg -nostdin -v error -i "$clip" -f null -; }

run
decode
for _ in $(seq "$pairs"); do
  ours=$(seconds run)
  theirs=$(seconds decode)
  awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "nem-stream %.2f s  ffmpeg decoding %.2f s  ratio %.2f\n", a, b, a / b }'
done | tee "$out/pairs"
awk '{ print $NF }' "$out/pairs" | sort -n | awk '{ r[NR] = $1 } END { print "median ratio " r[int((NR + 1) / 2)] }'
