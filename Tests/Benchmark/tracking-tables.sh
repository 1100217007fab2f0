# Functions of tracking.sh that turn $work/GROUP.tsv into Markdown; columns as in tracking-scores.sh.

# foreground_table: F of each system on each sequence, and means.
foreground_table() {
  echo "## Foreground"
  echo
  echo "| sequence | system | precision | recall | F |"
  echo "|---|---|---|---|---|"
  awk -F '\t' '
    { printf "| %s | %s | %.3f | %.3f | %.3f |\n", $1, $2, $10, $11, $12 }
    !($2 in count) { order[++systems] = $2 }
    { count[$2]++; p[$2] += $10; r[$2] += $11; f[$2] += $12 }
    END {
      for (i = 1; i <= systems; i++) {
        s = order[i]; n = count[s]
        printf "| **mean** | %s | %.3f | %.3f | **%.3f** |\n", s, p[s] / n, r[s] / n, f[s] / n
      }
    }' "$work/foreground.tsv"
}

# changes_table GROUP TITLE WORDS: mean F of each system over sequences with each change.
changes_table() {
  echo "## $2"
  echo
  echo "$3"
  echo
  echo "| change | rnn-em | background alone |"
  echo "|---|---|---|"
  awk -F '\t' '
    !($1 in known) { known[$1]; order[++changes] = $1 }
    { f[$1, $2] += $12; n[$1, $2]++ }
    function mean(change, name) { return f[change, name] / n[change, name] }
    END {
      for (i = 1; i <= changes; i++) {
        printf "| %s | %.3f | %.3f |\n", order[i], mean(order[i], "rnn-em"), mean(order[i], "background alone")
      }
    }' "$work/$1.tsv"
}

# identity_table GROUP TITLE: all scores of each system on each sequence, and means.
identity_table() {
  echo "## $2"
  echo
  echo "| sequence | system | IDF1 / IDF1t | MOTA | ID switches | HOTA | F |"
  echo "|---|---|---|---|---|---|---|"
  awk -F '\t' '
    function shown(value, n) { return n ? sprintf("%.3f", value / n) : "–" }
    function both(idf1, n, idf1t, m) { return shown(idf1, n) (m ? " / " shown(idf1t, m) : "") }
    {
      switches = $8 == "-" ? $7 : $7 " in " $8 " crossings"
      printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1, $2, both($4, 1, $5, $5 != "-"), shown($6, 1), switches,
        shown($9, $9 != "-"), shown($12, 1)
    }
    !($2 in count) { order[++systems] = $2 }
    { count[$2]++; idf1[$2] += $4; mota[$2] += $6; sum[$2] += $7; f[$2] += $12 }
    $5 != "-" { tracklets[$2]++; idf1t[$2] += $5 }
    $8 != "-" { crossings[$2] += $8 }
    $9 != "-" { known[$2]++; hota[$2] += $9 }
    END {
      for (i = 1; i <= systems; i++) {
        s = order[i]; n = count[s]
        switches = crossings[s] ? sprintf("%d; %.1f per 100 crossings", sum[s], 100 * sum[s] / crossings[s]) : sum[s]
        printf "| **mean** | %s | **%s** | %s | %s | %s | %s |\n", s, both(idf1[s], n, idf1t[s], tracklets[s]),
          shown(mota[s], n), switches, shown(hota[s], known[s]), shown(f[s], n)
      }
    }' "$work/$1.tsv"
}

# ablation_table: what the network does on each clip.
ablation_table() {
  echo "## Ablation of the network"
  echo
  echo "| clip | network | next-step loss | F | IDF1 / IDF1t | ID switches | frames per second |"
  echo "|---|---|---|---|---|---|---|"
  awk -F '\t' '
    BEGIN {
      name["none"] = "none: template only"; name["default"] = "default: generated scenes and footage"
      name["tuned"] = "default, tuned on the clip"
    }
    function shown(value, digits) { return value == "-" ? "–" : sprintf("%." digits "f", value) }
    {
      printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1, name[$2], shown($13, 4), shown($12, 3),
        shown($4, 3) ($5 == "-" ? "" : " / " shown($5, 3)), $7 == "-" ? "–" : $7, shown($14, 0)
    }' "$work/ablation.tsv"
}

# targets_table: means and sums of the last results of foreground, clips, composites and silhouettes beside what is wanted.
targets_table() {
  echo "## Targets"
  echo
  echo "| what | wanted | measured |"
  echo "|---|---|---|"
  awk -F '\t' -v OFS='\t' '{ print FILENAME, $0 }' "$work"/{foreground,clips,composites,silhouettes}.tsv | awk -F '\t' '
    function row(what, wanted, value) { print "| " what " | " wanted " | " value " |" }
    function mean(group, name, column) {
      return n[group, name, column] ? sum[group, name, column] / n[group, name, column] : 0
    }
    function ahead(column) { return mean("composites", "rnn-em", column) - mean("composites", "SORT", column) }
    { group = $1; sub(/.*\//, "", group); sub(/\.tsv$/, "", group) }
    {
      for (i = 5; i <= 13; i++) if ($i != "-") { sum[group, $3, i] += $i; n[group, $3, i]++ }
      score = $6 != "-" ? $6 : $5
      if (group == "clips" && $3 == "rnn-em") { ours[$2] = score; name[++clips] = $2 }
      if (group == "clips" && $3 ~ /^(comp|SORT)/ && score > best[$2]) best[$2] = score
    }
    END {
      row("foreground, background alone, mean F", "≥ .70", sprintf("%.3f", mean("foreground", "background alone", 13)))
      row("foreground, objects of rnn-em, mean F", "≥ .78", sprintf("%.3f", mean("foreground", "rnn-em", 13)))
      wanted["schoolgirls"] = ".80"; wanted["HallAndMonitor"] = ".94"; wanted["CAVIAR2"] = ".65"
      for (i = 1; i <= clips; i++) {
        s = name[i]
        kind = s == "schoolgirls" ? "IDF1" : "IDF1t"
        row(s ", " kind, sprintf("≥ %s and ≥ %.3f, the better baseline", wanted[s], best[s]), sprintf("%.3f", ours[s]))
      }
      row("composites, mean IDF1 (IDF1t) above SORT", "≥ .15", sprintf("%+.3f (%+.3f)", ahead(5), ahead(6)))
      row("composites, id switches", "< " sum["composites", "SORT", 8] ", those of SORT",
        sum["composites", "rnn-em", 8])
      row("silhouettes, mean IDF1", "≥ .90", sprintf("%.3f", mean("silhouettes", "rnn-em", 5)))
      row("silhouettes, id switches per 100 crossings", "≤ 1",
        sprintf("%.1f", 100 * sum["silhouettes", "rnn-em", 8] / sum["silhouettes", "rnn-em", 9]))
    }'
}

# contact_sheet LINE PICTURE: twelve frames of the overlay of the video in a line of scores.
contact_sheet() {
  local video frames
  video=$(cut -f 3 <<<"$1")
  frames=$(ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$video")
  "$program" run "$video" --overlay "$work/overlay.mkv" --overwrite --quiet
  ffmpeg -nostdin -v error -y -i "$work/overlay.mkv" -vf "
    select='gte(n,$frames/6)*lt(mod(n-ceil($frames/6),($frames*5/6)/12),1)', scale=264:-2, tile=3x4:nb_frames=12,
    split[a][b]; [a]palettegen=max_colors=128[p]; [b][p]paletteuse=dither=none" -frames:v 1 -update 1 "$2"
}

# replace_section NAME FILE SECTION: puts a section between its marks, or at the file's end.
replace_section() {
  local begin="<!-- begin $1 -->" end="<!-- end $1 -->"
  [ -e "$2" ] || echo "<!-- Written by Tests/Benchmark/tracking.sh -->" >"$2"
  awk -v begin="$begin" -v end="$end" -v section="$3" '
    function insert(  line) {
      print begin
      while ((getline line < section) > 0) print line
      print end
      done = 1
    }
    $0 == begin { insert(); skipping = 1 }
    !skipping { print }
    $0 == end { skipping = 0 }
    END { if (!done) { print ""; insert() } }' "$2" >"$work/tables.md"
  mv "$work/tables.md" "$2"
}
