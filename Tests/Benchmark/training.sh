#!/usr/bin/env bash
# The trainer's clips per second against PyTorch's on the same network, batch and loss, in turn, and its share of oneDNN's
# peak. Prints each pair and the median ratio. Usage: training.sh [THREADS] [PAIRS]
set -euo pipefail
cd "$(dirname "$0")/../.."
threads=${1:-2}
pairs=${2:-3}
python=/usr/bin/python3
"$python" -c 'import torch' 2>/dev/null || { echo "training.sh: install python3-torch and libopenblas0-pthread" >&2; exit 69; }
# OpenBLAS does not know newer processors and falls back to slow kernels.
export OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-SkylakeX}

for _ in $(seq "$pairs"); do
  line=$(.build/release/nem-stream bench training --threads "$threads" --updates 3 --json)
  ours=$(sed -E 's/.*"clips_per_second":([0-9.]+).*/\1/' <<<"$line")
  share=$(sed -E 's/.*"share_of_peak":([0-9.]+).*/\1/' <<<"$line")
  theirs=$("$python" Tests/Benchmark/training.py "$threads" 3)
  awk -v a="$ours" -v b="$theirs" -v c="$share" \
    'BEGIN { printf "nem-stream %.1f clips/s (%.0f %% of peak)  PyTorch %.1f clips/s  ratio %.2f\n", a, 100 * c, b, a / b }'
done | tee /dev/stderr | awk '{ print $NF }' | sort -n | awk '{ r[NR] = $1 } END { print "median ratio " r[int((NR + 1) / 2)] }'
