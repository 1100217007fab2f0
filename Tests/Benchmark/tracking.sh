#!/usr/bin/env bash
# Scores masks and identities on real sequences, composites of them and generated scenes; writes Markdown tables.
# Usage: tracking.sh [GROUP…]   all by default: foreground cameras light rates clips small composites silhouettes targets
#                               ablation sheets
# The measured sections replace those of docs/real-video-tables.md; targets and sheets need the results before.
# NEM_STREAM_DATA is the folder of the shared data (default: ../shared/data), NEM_STREAM the program.
set -euo pipefail
cd "$(dirname "$0")/../.."
source Tests/Benchmark/tracking-scores.sh
source Tests/Benchmark/tracking-tables.sh

data=${NEM_STREAM_DATA:-../shared/data}
program=${NEM_STREAM:-.build/release/nem-stream}
work=.build/tracking-benchmark
tables=docs/real-video-tables.md
mkdir -p "$work"

# People and the bags they carry are one object; in a composite the copy's ids are 7 higher.
bags=(--join 2+3 --join 4+5 --join 6+7)
copied_bags=(--join 9+10 --join 11+12 --join 13+14)
tracklet_sequences=(HallAndMonitor CAVIAR2)
schoolgirls=$data/instances/davis17_schoolgirls

foreground() {
  local folder name
  for folder in "$data"/foreground/*; do
    name=$(basename "$folder")
    video_of_pictures "$folder" "$work/$name.mkv"
    score_systems foreground "$name" "$work/$name.mkv" --truth "$folder"
  done
  foreground_table
}

# changed GROUP FOLDER scores a sequence with each change that it reads, a line `name:options of FFmpeg`.
changed() {
  local name change options
  name=$(basename "$2")
  video_of_pictures "$2" "$work/$name.mkv"
  while IFS=: read -r change options; do
    # shellcheck disable=SC2086
    ffmpeg -nostdin -v error -y -i "$work/$name.mkv" -c:v ffv1 $options "$work/changed.mkv"
    segment "$work/changed.mkv"
    score "$1" "$change" rnn-em "$work/changed.mkv" --truth "$2"
    score "$1" "$change" "background alone" "$work/changed.mkv" --truth "$2" --baseline
  done
}

# The same sequences as worse cameras would have seen them, and with ground that moves in its place.
cameras() {
  local folder leaf='(7*floor(X/6)+13*floor(Y/6))'
  for folder in "$data"/foreground/*; do
    changed cameras "$folder" <<END
half the light:-vf lutyuv=val*0.5:64+val*0.5:64+val*0.5
a third of the light:-vf lutyuv=val*0.33:86+val*0.33:86+val*0.33
a third of the light, noise of σ = 3.5:-vf lutyuv=val*0.33:86+val*0.33:86+val*0.33,noise=alls=6:allf=t
noise of σ = 4.5:-vf noise=alls=8:allf=t
noise of σ = 9:-vf noise=alls=16:allf=t
fog, 0.4 of the contrast:-vf lutyuv=76+val*0.4:77+val*0.4:77+val*0.4
out of focus:-vf gblur=1.5
H.264, -crf 30:-c:v libx264 -crf 30
H.264, -crf 38:-c:v libx264 -crf 38
leaves in the wind over the right third:-vf geq=lum='lum(X,Y)+38*gt(X,W*2/3)*sin(N/(4+mod($leaf,5))+$leaf)':cb='cb(X,Y)':cr='cr(X,Y)'
a screen whose picture changes every 8 frames:-vf geq=lum='lum(X,Y)+40*between(X,W*.1,W*.3)*between(Y,H*.4,H*.7)*sin(2.4*floor(N/8))':cb='cb(X,Y)':cr='cr(X,Y)'
END
  done
  changes_table cameras "Worse cameras" "Mean F over the same six sequences, changed by FFmpeg."
}

# Another light that comes from the left with a soft edge within three seconds, and goes the same way after six.
light() {
  local name edges='(1/(1+exp(-((N-100)*4-X)/15))-1/(1+exp(-((N-240)*4-X)/15)))'
  for name in CAVIAR2 HallAndMonitor HighwayI; do
    changed light "$data/foreground/sbi_$name" <<END
a cloud's shadow, 0.7 of the light:-vf format=yuv444p,$(in_light "-0.3*$edges")
sunlight, 1.35 of the light:-vf format=yuv444p,$(in_light "0.35*$edges")
END
  done
  changes_table light "Light that changes on a part of the picture" "Mean F over CAVIAR2, HallAndMonitor and HighwayI, \
changed by FFmpeg."
}

# in_light ADDED: the filter that multiplies brightness and colours by 1 + ADDED.
in_light() {
  echo "geq=lum='clip(16+(lum(X,Y)-16)*(1+$1),0,255)':cb='128+(cb(X,Y)-128)*(1+$1)':cr='128+(cr(X,Y)-128)*(1+$1)'"
}

# The same sequences from slower cameras.
rates() {
  local folder name every
  for folder in "$data"/foreground/*; do
    name=$(basename "$folder")
    video_of_pictures "$folder" "$work/$name.mkv"
    for every in 2 3 5; do
      thin "$folder" "$every" "$work/thinned"
      segment "$work/$name.mkv" --every "$every"
      score rates "one frame of $every" rnn-em "$work/$name.mkv" --truth "$work/thinned"
      score rates "one frame of $every" "background alone" "$work/$name.mkv" --truth "$work/thinned" --baseline
    done
  done
  changes_table rates "Few frames per second" "Mean F over the same six sequences, of which one frame in so many is read."
}

clips() {
  local name
  score_systems clips schoolgirls "$schoolgirls/schoolgirls_orig.mp4" --truth "$schoolgirls" "${bags[@]}"
  for name in "${tracklet_sequences[@]}"; do
    video_of_pictures "$data/foreground/sbi_$name" "$work/sbi_$name.mkv"
    score_systems clips "$name" "$work/sbi_$name.mkv" --truth "$data/instances/sbi_${name}_tracklets"
  done
  identity_table clips "Real clips"
}

# The clips set into a gray picture of three times their width and height, where objects are small.
small() {
  local name area
  for name in "${tracklet_sequences[@]}"; do
    video_of_pictures "$data/foreground/sbi_$name" "$work/sbi_$name.mkv"
    ffmpeg -nostdin -v error -y -i "$work/sbi_$name.mkv" -vf pad=3*iw:3*ih:iw:ih:gray -c:v ffv1 "$work/small.mkv"
    for area in "" 800 400 200 100; do
      segment "$work/small.mkv" --format labels ${area:+--min-area "$area"}
      rm -rf "$work/cropped"
      mkdir "$work/cropped"
      ffmpeg -nostdin -v error -i "$work/masks/labels.mkv" -vf crop=iw/3:ih/3 -pix_fmt gray16be -start_number 0 \
        "$work/cropped/%06d.png"
      rm -r "$work/masks"
      mv "$work/cropped" "$work/masks"
      score small "$name" "${area:+--min-area }${area:-rnn-em}" "$work/small.mkv" \
        --truth "$data/instances/sbi_${name}_tracklets"
    done
  done
  identity_table small "Small objects: the clips in the middle of a picture of nine times their size"
}

# composite_of_tracklets NAME SHIFT sets `scene`.
composite_of_tracklets() {
  scene=$work/$1-mirror-$2
  fresh "$scene" composite "$data/instances/sbi_$1_tracklets" --pictures "$data/foreground/sbi_$1" \
    --mirror --shift "$2"
}

composites() {
  local name shift scene
  for shift in 8 16 24; do
    scene=$work/schoolgirls-mirror-$shift
    fresh "$scene" composite "$schoolgirls" --mirror --shift "$shift"
    score_systems composites "schoolgirls, mirrored, +$shift" "$scene/video.mkv" \
      --truth "$scene" "${bags[@]}" "${copied_bags[@]}"
  done
  for name in "${tracklet_sequences[@]}"; do
    for shift in 40 110; do
      composite_of_tracklets "$name" "$shift"
      score_systems composites "$name, mirrored, +$shift" "$scene/video.mkv" --truth "$scene"
    done
  done
  identity_table composites "Composites: a clip and its mirrored, later copy in front"
}

silhouettes() {
  local scene
  # The default model was trained on scenes of other seeds.
  fresh "$work/silhouettes" silhouettes --objects 3..8 --count 10 --seed 7001
  for scene in "$work"/silhouettes/*; do
    score_systems silhouettes "silhouettes $(basename "$scene")" "$scene/video.mkv" --truth "$scene"
  done
  identity_table silhouettes "Generated silhouettes, 3 to 8 objects at a time"
}

targets() { targets_table; }

# Three trackers on each clip: no network, the default one, and the default one tuned on the clip without labels.
ablation() {
  local scene
  video_of_pictures "$data/foreground/cdnet_traffic" "$work/cdnet_traffic.mkv"
  compare_networks cdnet_traffic "$work/cdnet_traffic.mkv" --truth "$data/foreground/cdnet_traffic"
  video_of_pictures "$data/foreground/sbi_CAVIAR2" "$work/sbi_CAVIAR2.mkv"
  compare_networks CAVIAR2 "$work/sbi_CAVIAR2.mkv" --truth "$data/instances/sbi_CAVIAR2_tracklets"
  composite_of_tracklets HallAndMonitor 110
  compare_networks "HallAndMonitor, mirrored, +110" "$scene/video.mkv" --truth "$scene"
  compare_networks schoolgirls "$schoolgirls/schoolgirls_orig.mp4" --truth "$schoolgirls" "${bags[@]}"
  fresh "$work/tuning-scene" silhouettes --objects 3..8 --count 1 --frames 600 --seed 8001
  scene=$work/tuning-scene/000
  compare_networks "silhouettes, 600 frames" "$scene/video.mkv" --truth "$scene"
  ablation_table
}

# Contact sheets of the best and the worst sequence whose pictures may be published.
sheets() {
  local ranked
  ranked=$(cat "$work"/{clips,composites,silhouettes}.tsv | awk -F '\t' '$2 == "rnn-em" && $1 ~ /^(school|silhou)/' |
    sort -t $'\t' -k 4,4gr)
  contact_sheet "$(head -1 <<<"$ranked")" docs/real-video-best.png
  contact_sheet "$(tail -1 <<<"$ranked")" docs/real-video-worst.png
  echo "## Contact sheets"
  echo
  echo "The pictures: best and worst by IDF1 among the sequences whose licence allows it to show them."
  echo
  echo "| picture | sequence | IDF1 |"
  echo "|---|---|---|"
  { head -1 <<<"$ranked"; tail -1 <<<"$ranked"; } | awk -F '\t' '
    { name = NR == 1 ? "best" : "worst"
      printf "| [%s](real-video-%s.png) | %s | %.3f |\n", name, name, $1, $4 }'
}

if [ ! -d "$data/foreground" ]; then
  echo "tracking.sh: no sequences in $data; set NEM_STREAM_DATA to the folder that holds foreground/ and instances/" >&2
  exit 66
fi
groups=("$@")
[ $# -gt 0 ] || groups=(foreground cameras light rates clips small composites silhouettes targets ablation sheets)
for group in "${groups[@]}"; do
  case $group in
  foreground | cameras | light | rates | clips | small | composites | silhouettes | targets | ablation | sheets) ;;
  *)
    echo "tracking.sh: no group $group; see the first lines of the script" >&2
    exit 64
    ;;
  esac
  rm -f "$work/$group.tsv"
  "$group" >"$work/$group.md"
  cat "$work/$group.md"
  replace_section "$group" "$tables" "$work/$group.md"
done
