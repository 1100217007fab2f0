# Functions of tracking.sh that make inputs, run systems and collect their scores. Lines of $work/GROUP.tsv have the
# columns sequence, system, video, IDF1, IDF1t, MOTA, id switches, crossings, HOTA, precision, recall, F; - for unknown.

# video_of_pictures FOLDER VIDEO: the pictures of input/ or in/ by their numbers, without loss.
video_of_pictures() {
  local pictures first format
  pictures=$(realpath -e "$1/input" 2>/dev/null || realpath -e "$1/in")
  find "$pictures" -type f | sort -V | sed "s|.*|file '&'|" >"$work/list.txt"
  first=$(head -1 "$work/list.txt" | cut -d "'" -f 2)
  format=$(ffprobe -v error -show_entries stream=pix_fmt -of csv=p=0 "$first")
  # The same values in a form that FFV1 has.
  case $format in
  yuvj*) format=${format/yuvj/yuv} ;;
  rgb24) format=bgr0 ;;
  esac
  ffmpeg -nostdin -v error -y -f concat -safe 0 -r 25 -i "$work/list.txt" -vf scale=in_range=pc:out_range=pc \
    -pix_fmt "$format" -color_range pc -c:v ffv1 "$2"
}

# thin FOLDER EVERY TARGET: one picture and truth in so many of a sequence, numbered anew.
thin() {
  local pictures path number first last place=0 scored=()
  local -A truths=()
  rm -rf "$3"
  mkdir -p "$3/groundtruth" "$3/input"
  ln -s "$(realpath "$1/ROI.bmp")" "$3/ROI.bmp"
  pictures=$(realpath -e "$1/input" 2>/dev/null || realpath -e "$1/in")
  for path in "$1"/groundtruth/*.png; do truths[$(number_in "$path")]=$path; done
  read -r first last <<<"$(cat "$1/temporalROI.txt")"
  while read -r path; do
    number=$(number_in "$path")
    place=$((place + 1))
    ln -s "$path" "$3/input/in$(printf '%06d' "$place").${path##*.}"
    [ -n "${truths[$number]:-}" ] || continue
    ln -s "$(realpath "${truths[$number]}")" "$3/groundtruth/gt$(printf '%06d' "$place").png"
    ((number < first || number > last)) || scored+=("$place")
  done < <(find "$pictures" -type f | sort -V | awk -v every="$2" 'NR % every == 1')
  echo "${scored[0]} ${scored[-1]}" >"$3/temporalROI.txt"
}

# number_in PATH: the number in a file's name.
number_in() {
  local name=${1##*/}
  name=${name%.*}
  echo $((10#${name//[^0-9]/}))
}

# fresh FOLDER SUBCOMMAND…: a newly generated scene or composite.
fresh() {
  local folder=$1
  shift
  rm -rf "$folder"
  "$program" generate "$@" --out "$folder"
}

# segment VIDEO [OPTION…]: the masks of a run in $work/masks.
segment() {
  "$program" run "$1" --masks "$work/masks" --overwrite --quiet "${@:2}"
}

# scored KEY [training]: a value of the last evaluation or training, - where there is none.
scored() {
  local value
  value=$(sed -n "s/.*\"$1\":\([^,}]*\).*/\1/p" "$work/${2:-scores}.json")
  echo "${value:--}"
}

# crossings VIDEO: how often objects cross in a generated video, - for others.
crossings() {
  local value
  value=$(sed -n 's/.*"crossings" *: *\([0-9]*\).*/\1/p' "$(dirname "$1")/scene.json" 2>/dev/null || true)
  echo "${value:--}"
}

# score GROUP SEQUENCE SYSTEM VIDEO EVALUATION-OPTION…: scores $work/masks.
score() {
  local group=$1 sequence=$2 system=$3 video=$4 key
  "$program" evaluate video --masks "$work/masks" --json "${@:5}" >"$work/scores.json"
  {
    printf '%s\t%s\t%s' "$sequence" "$system" "$video"
    for key in idf1 idf1t mota id_switches; do printf '\t%s' "$(scored "$key")"; done
    printf '\t%s' "$(crossings "$video")"
    for key in hota precision recall f; do printf '\t%s' "$(scored "$key")"; done
    echo
  } >>"$work/$group.tsv"
}

# score_systems GROUP SEQUENCE VIDEO EVALUATION-OPTION…
score_systems() {
  local group=$1 sequence=$2 video=$3
  segment "$video"
  score "$group" "$sequence" rnn-em "$video" "${@:4}"
  [ "$group" != foreground ] || score "$group" "$sequence" "background alone" "$video" "${@:4}" --baseline
  segment "$video" --model none
  score "$group" "$sequence" "rnn-em, no network" "$video" "${@:4}"
  segment "$video" --segmenter gmm
  score "$group" "$sequence" "components + IoU" "$video" "${@:4}"
  segment "$video" --segmenter sort
  score "$group" "$sequence" SORT "$video" "${@:4}"
}

# timed_segment FILE VIDEO [OPTION…]: segments with one decoder thread and adds the wall time in seconds to a file.
timed_segment() {
  local start=$EPOCHREALTIME
  segment "${@:2}" --threads 1
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", b - a }' >>"$1"
}

# compare_networks SEQUENCE VIDEO EVALUATION-OPTION…: scores without a network, with the default one and with it tuned
# on the clip. Lines of ablation.tsv begin with those of the other groups; then come the next-step loss on held-out
# windows of the clip, and frames per second, the median of three runs in turn. A clip too short to train on has no loss
# and no tuned network.
compare_networks() {
  local video=$2 tuned=$work/tuned.safetensors frames network round
  local -A models=([none]=none [default]=default [tuned]=$tuned)
  local -A losses=([none]=held_out_parametric [default]=held_out_before [tuned]=held_out_after)
  rm -f "$tuned" "$work"/seconds-*
  "$program" train "$video" --model "$tuned" --json 2>"$work/training.log" >"$work/training.json" ||
    cat "$work/training.log" >&2
  frames=$(ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$video")
  for round in 1 2 3; do
    for network in none default tuned; do
      [ "$network" != tuned ] || [ -e "$tuned" ] || continue
      timed_segment "$work/seconds-$network" "$video" --model "${models[$network]}"
      [ "$round" = 3 ] || continue
      rm -f "$work/ablation-scores.tsv"
      score ablation-scores "$1" "$network" "$video" "${@:3}"
      awk -v loss="$(scored "${losses[$network]}" training)" -v frames="$frames" \
        -v seconds="$(sort -n "$work/seconds-$network" | sed -n 2p)" \
        '{ print $0 "\t" loss "\t" frames / seconds }' "$work/ablation-scores.tsv" >>"$work/ablation.tsv"
    done
  done
}
