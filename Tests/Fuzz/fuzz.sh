#!/usr/bin/env bash
# Builds the readers with LLVM's fuzzer and address sanitizer and runs each for a while, from one good file each.
# Findings and corpora stay in .build/fuzz. Usage: fuzz.sh [SECONDS] [READER…]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
export NEM_STREAM_FUZZ=1 ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no
${SWIFT:-swift} build -c release --scratch-path .build/fuzz --product fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address -Xswiftc -use-ld=lld
cd .build/fuzz
seed() { mkdir -p "seeds/$1" "corpus/$1" && cat >"seeds/$1/good"; }
pictures() { ffmpeg -nostdin -v error -f lavfi -i testsrc=s=33x17:d=0.2 -pix_fmt yuv420p "$@" -; }
seed safetensors < <(printf '\x38\0\0\0\0\0\0\0{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  12345678')
seed model <../../Models/default.safetensors
seed yaml <../../config/nem-stream.yaml
seed manifest < <(printf '{"frames":{"decoded":2,"dropped":0},"height":32,"input":"a","settings":{"slots":16,"a":"b"},"status":"complete","versions":{"a":"b"},"width":48}')
seed frames < <(printf '{"frame":0,"pts":0,"objects":[]}\n{"frame":60,"pts":2.4,"objects":[{"id":1,"bbox":[3,4,5,6],"area":7,"centroid":[1.5,2],"confidence":0.9}]}\n')
seed tracks < <(printf '{"id":1,"first_frame":23,"last_frame":114,"first_pts":0.92,"last_pts":4.56,"frames_seen":78,"mean_area":41.9,"max_area":63,"path_length":94.33,"ended":"left"}\n')
seed state < <(FUZZ_READER=state release/fuzz --state)
seed digits < <(printf '\0\0\x08\x03\0\0\0\x01\0\0\0\x1c\0\0\0\x1c' && head -c 784 /dev/zero)
seed video < <(pictures -f yuv4mpegpipe)
seed raw < <(pictures -f rawvideo)
for reader in ${*:-safetensors model yaml manifest frames tracks state digits video raw}; do
  echo "$reader: $seconds s"
  FUZZ_READER=$reader release/fuzz "corpus/$reader" "seeds/$reader" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2000 -print_final_stats=1 2>"$reader.log" || { tail -40 "$reader.log"; exit 1; }
  grep -E 'DONE' "$reader.log"
done
