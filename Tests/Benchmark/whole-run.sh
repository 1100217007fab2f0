#!/usr/bin/env bash
# Wall and processor time of a whole run against FFmpeg only decoding the same clip, in turn; prints each pair and the
# median ratios. Other work on the machine changes the wall times' ratio much, that of the processor times little.
# Usage: whole-run.sh [CLIP] [PAIRS]
set -euo pipefail
cd "$(dirname "$0")/../.."
clip=${1:-Examples/traffic_camera.mp4}
pairs=${2:-7}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# Wall seconds, then user and system seconds; the command's own messages still appear.
seconds() {
  local TIMEFORMAT='%R %U %S'
  { time "$@" 2>&3; } 3>&2 2>&1
}

run() { .build/release/nem-stream "$clip" --masks "$out/masks" --overwrite --quiet; }
decode() { ffmpeg -nostdin -v error -i "$clip" -f null -; }

run
decode
for _ in $(seq "$pairs"); do
  echo "$(seconds run) $(seconds decode)" | awk '{
    printf "nem-stream %.2f s (processor %.2f)  ffmpeg decoding %.2f s (processor %.2f)  ratios %.2f %.2f\n",
      $1, $2 + $3, $4, $5 + $6, $1 / $4, ($2 + $3) / ($5 + $6)
  }'
done | tee "$out/pairs"
median() { awk -v back="$1" '{ print $(NF - back) }' "$out/pairs" | sort -n | awk '{ r[NR] = $1 } END { print r[int((NR + 1) / 2)] }'; }
echo "median ratios: wall $(median 1), processor $(median 0)"
