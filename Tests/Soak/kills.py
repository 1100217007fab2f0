#!/usr/bin/env python3
"""Kills at random moments: kills.py PROGRAM [KILLS, 200]

Half of them hit a run over a file, which goes on with --resume until it is complete: its output must be that of a run that
nobody killed, byte for byte. The other half hit a service: no number may be given twice. After each kill all streams must
be readable up to the last second of the lines, and no line torn. Prints one line for each; the exit code is 1 if one did
not hold.
"""
import filecmp, glob, json, os, random, signal, subprocess, sys, tempfile, time

PROGRAM = os.path.abspath(sys.argv[1])
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 200
CLIP = os.path.dirname(os.path.abspath(__file__)) + "/../../Examples/traffic_camera.mp4"


def run_until_kill(arguments, seconds):
    """Starts the program and kills it after a while; its exit code, negative if it was killed."""
    process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        return process.wait()


def lines(path):
    text = open(path).read() if os.path.exists(path) else ""
    assert text == "" or text.endswith("\n"), f"{path} ends in half a line"
    return [json.loads(line) for line in text.splitlines()]


def last_time(path):
    """When the last picture of a video is shown, in seconds."""
    packets = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path], capture_output=True, text=True)
    assert packets.returncode == 0 and packets.stderr == "", f"{path} cannot be read: {packets.stderr}"
    return float(packets.stdout.split()[-1].strip(","))


def check_readable(folder):
    frames = lines(folder + "/frames.jsonl")
    lines(folder + "/tracks.jsonl")
    if not frames or not glob.glob(folder + "/baseline/*.mkv"):
        return
    ends = {object["id"]: frame["pts"] for frame in frames for object in frame["objects"]}
    for path, end in [("baseline/foreground", frames[-1]["pts"])] + [(f"objects/{i:04d}", t) for i, t in ends.items()]:
        assert last_time(f"{folder}/{path}.mkv") > end - 1, f"{path} ends too early"


def differences(one, other):
    left, right = ({os.path.relpath(path, root) for path in glob.glob(root + "/**", recursive=True) if os.path.isfile(path)}
                   for root in (one, other))
    return sorted(left ^ right) + [name for name in sorted(left & right)
                                   if not filecmp.cmp(f"{one}/{name}", f"{other}/{name}", shallow=False)]


def file_runs(folder, clip, kills):
    options = [clip, "--model", "none", "--format", "ffv1,coco,mots"]
    begin = time.monotonic()
    subprocess.run([PROGRAM, *options, "--masks", folder + "/whole", "-q"], check=True)
    length, out, complete = time.monotonic() - begin, folder + "/out", 0
    while kills > 0:
        arguments = [*options, "--masks", out, "--resume", "--checkpoint-interval", "1"]
        code = run_until_kill(arguments, random.uniform(0, 1.2 * length))
        if code == 0:
            assert not differences(folder + "/whole", out), f"not the same: {differences(folder + '/whole', out)[:5]}"
            complete += 1
            subprocess.run(["rm", "-r", out], check=True)
        else:
            assert code == -signal.SIGKILL, f"exit {code}"
            kills -= 1
            check_readable(out)
    subprocess.run([PROGRAM, *options, "--masks", out, "--resume", "-q"], check=True)
    assert not differences(folder + "/whole", out), "not the same"
    return f"{complete + 1} runs went on to the same bytes"


def service_runs(folder, clip, kills):
    out, used, continued = folder + "/service", 0, 0
    # Longer than any run of it.
    long = folder + "/long.mp4"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-stream_loop", "9", "-i", clip, "-c", "copy", long], check=True)
    done = set()
    for _ in range(kills):
        run_until_kill([long, "--service", "--model", "none", "--masks", out, "--checkpoint-interval", "1"],
                       random.uniform(0, 4))
        new = sorted((path for path in glob.glob(out + "/*/*") if path not in done), key=os.path.getmtime)
        for segment in new:
            done.add(segment)
            check_readable(segment)
            frames = [[object["id"] for object in frame["objects"]] for frame in lines(segment + "/frames.jsonl")]
            early = {number for frame in frames[:20] for number in frame}
            again = {number for frame in frames for number in frame if number <= used}
            assert again <= early, f"{segment}: {sorted(again - early)} were given before"
            continued += bool(again)
            used = max([used] + [number for frame in frames for number in frame])
    return f"{len(done)} segments, {continued} with objects that went on, {used} numbers"


def main():
    failed = 0
    for name, runs in [("file", file_runs), ("service", service_runs)]:
        with tempfile.TemporaryDirectory() as folder:
            clip = folder + "/clip.mp4"
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", CLIP, "-vf", "scale=320:-2", clip], check=True)
            try:
                print(f"held   {name}: {KILLS // 2} kills, {runs(folder, clip, KILLS // 2)}", flush=True)
            except AssertionError as fault:
                failed += 1
                print(f"FAILED {name}: {fault}", flush=True)
    return 1 if failed else 0


sys.exit(main())
