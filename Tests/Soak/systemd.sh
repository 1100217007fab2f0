#!/usr/bin/env bash
# Boots a real systemd in namespaces of its own, starts the shipped unit there on an endless source, and checks each
# state as systemd reports it: start, watchdog after SIGSTOP, restart after SIGKILL, reload, stop, a bad configuration.
# Needs root and cgroup2. The machine's files stay as they are: the system is an overlay, with its own /tmp and /run.
set -euo pipefail
cd "$(dirname "$0")/../.."

skip() { echo "systemd.sh: $1: skipped"; exit 0; }
[ "$(id -u)" -eq 0 ] || skip "needs root"
[ -x /lib/systemd/systemd ] || skip "systemd is not installed"
groups=$(findmnt -n -l -t cgroup2 -o TARGET | head -1)
[ -n "$groups" ] || skip "cgroup2 is not mounted"

work=$(mktemp -d /tmp/nem-systemd.XXXXXX)
group=$groups/nem-systemd.$$
mkdir "$group"
pid=
finish() {
  [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
  for _ in $(seq 50); do
    [ ! -d "$group" ] && break
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1
  done
  umount -l "$work" 2>/dev/null || true
  rmdir "$work" 2>/dev/null || true
}
trap finish EXIT
mount -t tmpfs none "$work"
mkdir "$work"/{upper,work,system}

# What the tested system has beside the machine's: the program, its models and unit, a clip, a camera that never ends.
upper=$work/upper
install -D -m 755 .build/release/nem-stream "$upper/usr/bin/nem-stream"
install -D -m 644 -t "$upper/usr/share/nem-stream/models" Models/*.safetensors
ffmpeg -nostdin -v error -y -i Examples/traffic_camera.mp4 -an -frames:v 200 -vf scale=320:180 "$work/upper/usr/share/clip.mkv"
units=$upper/etc/systemd/system
mkdir -p "$units/nem-stream@test.service.d" "$upper/etc/nem-stream"
sed 's|@PREFIX@|/usr|g' systemd/nem-stream@.service >"$units/nem-stream@.service"
printf '[Service]\nWatchdogSec=4\nRestartSec=1\n' >"$units/nem-stream@test.service.d/quick.conf"
printf 'input: /run/camera\nsegment: 10m\nslots: 16\n' >"$upper/etc/nem-stream/test.yaml"
printf 'input: /run/camera\nsloots: 16\n' >"$upper/etc/nem-stream/wrong.yaml"
cat >"$units/camera.service" <<'UNIT'
[Service]
ExecStart=/bin/sh -c 'while :; do ffmpeg -nostdin -v quiet -re -stream_loop -1 -i /usr/share/clip.mkv -f yuv4mpegpipe -y /run/camera; sleep 0.2; done'
UNIT
for unit in systemd-firstboot.service systemd-udevd.service systemd-networkd-wait-online.service network-online.target; do
  ln -sf /dev/null "$units/$unit"
done

# A group of its own, so that the new system's root is there and nothing of ours is in it.
(
  echo $BASHPID >"$group/cgroup.procs"
  exec unshare --mount --pid --fork --uts --ipc --cgroup --kill-child -- bash -ec "
    mount --make-rprivate /
    mount -t overlay none -o lowerdir=/,upperdir=$upper,workdir=$work/work $work/system
    cd $work/system
    mount -t proc proc proc; mount --rbind /dev dev
    mount -t sysfs sysfs sys; mount -t cgroup2 none sys/fs/cgroup
    mount -t tmpfs none run; mount -t tmpfs none tmp; mount -t tmpfs none var/lib/private 2>/dev/null || true
    mkdir -p outside; pivot_root . outside; umount -l /outside
    exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=basic.target
  " >"$work/boot.log" 2>&1
) &
outer=$!
for _ in $(seq 100); do
  pid=$(pgrep -P "$outer" || true)
  [ -n "$pid" ] && nsenter -t "$pid" -a systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && break
  sleep 0.2
done
inside() { nsenter -t "$pid" -a -- "$@"; }
inside systemctl is-system-running >/dev/null || [ "$(inside systemctl is-system-running)" = degraded ] || {
  cat "$work/boot.log"; skip "systemd does not boot here"
}

unit=nem-stream@test.service
show() { inside systemctl show -P "$1" "$unit"; }
failures=0
check() { # what, found, expected pattern
  if [[ $2 =~ $3 ]]; then echo "ok    $1: $2"; else echo "FAIL  $1: '$2', expected $3"; failures=$((failures + 1)); fi
}
await() { # seconds, command
  local end=$((SECONDS + $1)); shift
  until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done
}
is_again() { [ "$(show ActiveState)/$(show SubState)" = active/running ] && [ "$(show MainPID)" != "$1" ]; }
waits() { [[ $(show StatusText) == waiting* ]]; }
said() { inside journalctl -o cat -u "$unit" 2>/dev/null | grep -q "$1"; }

inside mkfifo -m 666 /run/camera
inside systemctl start --no-block "$unit"
await 20 waits || true
check "before the first frame" "$(show ActiveState), $(show StatusText)" '^activating, waiting for the first frame'
inside systemctl start camera
await 60 is_again 0 || true
check "after it" "$(show ActiveState)/$(show SubState), $(show StatusText)" '^active/running, .*frames'

# A signal to process 0 would stop this script.
main=$(show MainPID)
[ "$main" -gt 0 ] || { inside journalctl --no-pager -u "$unit" | tail -30; exit 1; }
inside kill -STOP "$main"
begin=$(date +%s%N)
await 40 is_again "$main" || true
check "SIGSTOP: watchdog and restart" "$(show NRestarts) restart, active again after $((($(date +%s%N) - begin) / 100000000)) tenths" '^1 restart, active again after [0-9][0-9] tenths'
check "its reason" "$(inside journalctl -o cat -u "$unit" | grep -i 'watchdog timeout' | head -1)" 'Watchdog timeout'

main=$(show MainPID)
inside kill -KILL "$main"
await 40 is_again "$main" || true
check "SIGKILL: restart" "$(show NRestarts), $(show ActiveState)" '^2, active'

main=$(show MainPID)
inside sh -c "printf 'input: /run/camera\nsegment: 5m\nslots: 8\n' > /etc/nem-stream/test.yaml"
inside systemctl reload "$unit"
await 10 said 'reloaded segment: 10m → 5m' || true
check "reload: what changes" "$(inside journalctl -o cat -u "$unit" | grep -o 'reloaded segment.*' | head -1)" '5m'
check "reload: what cannot" "$(inside journalctl -o cat -u "$unit" | grep -o 'slots: .*' | head -1)" 'needs a restart'
check "reload: the same process" "$(show MainPID), $(show ActiveState)/$(show SubState)" "^$main, active/running"

sleep 8
check "still fed" "$(show NRestarts), $(show ActiveState)" '^2, active'
begin=$(date +%s%N)
inside systemctl stop "$unit"
check "stop" "$(show ActiveState), $(show Result), status $(show ExecMainStatus), $((($(date +%s%N) - begin) / 100000000)) tenths of a second" '^inactive, success, status 0, [0-4]?[0-9] tenths'
written=$(inside find /var/lib/private/nem-stream/test/ -name foreground.mkv)
check "segments" "$(wc -l <<<"$written")" '^3$'
for file in $written; do
  check "readable" "$(inside ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$file" 2>&1)" '^[1-9][0-9]*$'
done

unit=nem-stream@wrong.service
inside systemctl start "$unit" 2>/dev/null || true
sleep 3
check "bad configuration" "$(show ActiveState), status $(show ExecMainStatus), $(show NRestarts) restarts" '^failed, status 78, 0 restarts'
[ $failures -eq 0 ] || { inside journalctl --no-pager -o short-monotonic -u 'nem-stream@*' | tail -60; exit 1; }
echo "systemd.sh: all states as expected"
