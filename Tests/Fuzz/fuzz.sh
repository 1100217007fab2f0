#!/usr/bin/env bash
# Builds the readers with LLVM's fuzzer and address sanitizer and runs each for a while, from one good file each.
# Findings and corpora stay in .build/fuzz. Usage: fuzz.sh [SECONDS] [READER…]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
export NEM_STREAM_FUZZ=1 ASAN_OPTIONS=detect_leaks=0
${SWIFT:-swift} build -c release --scratch-path .build/fuzz --product fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address -Xswiftc -use-ld=lld
cd .build/fuzz
seed() { mkdir -p "seeds/$1" "corpus/$1" && cat >"seeds/$1/good"; }
pictures() { ffmpeg -nostdin -v error -f lavfi -i testsrc=s=33x17:d=0.2 -pix_fmt yuv420p "$@" -; }
seed safetensors < <(printf '\x38\0\0\0\0\0\0\0{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  12345678')
seed model <../../Models/default.safetensors
seed yaml <../../config/nem-stream.yaml
seed manifest < <(printf '{"status":"complete","width":33,"height":17}')
seed digits < <(printf '\0\0\x08\x03\0\0\0\x01\0\0\0\x1c\0\0\0\x1c' && head -c 784 /dev/zero)
seed video < <(pictures -f yuv4mpegpipe)
seed raw < <(pictures -f rawvideo)
for reader in ${*:-safetensors model yaml manifest digits video raw}; do
  echo "$reader: $seconds s"
  FUZZ_READER=$reader release/fuzz "corpus/$reader" "seeds/$reader" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2000 -print_final_stats=1 2>"$reader.log" || { tail -40 "$reader.log"; exit 1; }
  grep -E 'DONE' "$reader.log"
done
