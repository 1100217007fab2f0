#!/usr/bin/env python3
"""A service over very many frames, faster than real time: endurance.py PROGRAM [FRAMES, 1000000]

Objects cross small pictures for as long as wanted, while segments begin and the oldest ones are deleted, the state is saved
and the status page is read. Held is: all frames are written, memory does not grow after the first fifth, and there are as
many descriptors and threads at the end as before. The exit code is 1 if it did not hold.
"""
import glob, json, os, signal, socket, subprocess, sys, tempfile, threading, time

PROGRAM = os.path.abspath(sys.argv[1])
MODEL = os.path.dirname(os.path.abspath(__file__)) + "/../../Models/default.safetensors"
FRAMES = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
WIDTH, HEIGHT, RATE = 96, 64, 25
# Most memory that a million frames may add: what is left of a page's noise over some hundred samples.
GROWTH = 1.0


def frame(number):
    """A patterned background with noise, and an object that crosses it every ten seconds, at another height each time."""
    rows = []
    turn, place = divmod(number, 10 * RATE)
    left, top = place - 24, 4 + 9 * (turn % 5)
    for y in range(HEIGHT):
        row = bytearray(90 + (x // 8 + y // 8) % 2 * 20 + (x * 7 + y * 13 + number * 29) % 4 for x in range(WIDTH))
        if top <= y < top + 16:
            begin, end = max(left, 0), min(left + 20, WIDTH)
            if begin < end:
                row[begin:end] = bytes([200]) * (end - begin)
        rows.append(bytes(row))
    return b"".join(rows)


def feed(pipe, count, fed):
    """Writes frames of a loop of fifty seconds."""
    loop = [frame(number) for number in range(50 * RATE)]
    try:
        for number in range(count):
            pipe.write(loop[number % len(loop)])
            fed[0] = number + 1
        pipe.flush()
    except BrokenPipeError:
        pass


def metrics(address):
    """The status page; an empty text if it does not answer."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(address)
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: nem\r\nConnection: close\r\n\r\n")
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    except OSError:
        return ""


def value(text, name):
    return next((float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " ")), 0)


def sample(process, text):
    base = f"/proc/{process.pid}/"
    status = dict(line.split(":", 1) for line in open(base + "status"))
    return dict(memory=int(status["VmRSS"].split()[0]) / 1024, threads=int(status["Threads"]),
                descriptors=len(os.listdir(base + "fd")), frames=value(text, "nem_frames_total"))


def slope(samples, key):
    """Least squares: change of a value in a million frames."""
    xs, ys = [s["frames"] / 1e6 for s in samples], [s[key] for s in samples]
    x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - x0) * (y - y0) for x, y in zip(xs, ys)) / max(1e-12, sum((x - x0) ** 2 for x in xs))


def tell(samples):
    """A line after each twentieth of the frames."""
    now, part = samples[-1], FRAMES / 20
    if len(samples) > 1 and now["frames"] // part > samples[-2]["frames"] // part:
        print(f"       {now['frames']:.0f} frames, {now['memory']:.1f} MB, {now['descriptors']} descriptors, "
              f"{now['threads']} threads", flush=True)


def watch(process, address, fed):
    samples = []
    while process.poll() is None:
        text = metrics(address)
        if text:
            samples.append(sample(process, text))
            tell(samples)
            # The last frames wait for the confirmation of their objects.
            if samples[-1]["frames"] >= FRAMES - 50 and fed[0] == FRAMES:
                return samples
        time.sleep(0.5)
    return samples


def judge(samples, code, folder, seconds):
    rest = [s for s in samples if s["frames"] >= FRAMES / 5]
    third = max(1, len(rest) // 3)
    growth = {key: max(s[key] for s in rest[-third:]) - max(s[key] for s in rest[:third])
              for key in ("memory", "descriptors", "threads")}
    rise = slope(rest, "memory")
    folders = glob.glob(folder + "/masks/*/*/manifest.json")
    statuses = {json.load(open(path))["status"] for path in folders}
    frames = samples[-1]["frames"]
    held = (code == 0 and frames >= FRAMES - 50 and rise < GROWTH and growth["memory"] < 2 * GROWTH
            and growth["descriptors"] <= 0 and growth["threads"] <= 0 and statuses <= {"complete", "interrupted"})
    print(f"{'held  ' if held else 'FAILED'} endurance: {frames:.0f} frames in {seconds:.0f} s, memory {rest[-1]['memory']:.1f} MB, "
          f"{rise:+.2f} MB in a million frames, largest {growth['memory']:+.2f} MB, descriptors {growth['descriptors']:+d} of "
          f"{rest[-1]['descriptors']}, threads {growth['threads']:+d} of {rest[-1]['threads']}, "
          f"{len(folders)} segments kept, exit {code}", flush=True)
    return held


def main():
    with tempfile.TemporaryDirectory() as folder:
        address, fed, begin = folder + "/status", [0], time.monotonic()
        log = open(folder + "/log", "w+")
        process = subprocess.Popen(
            [PROGRAM, "-", "--raw-video", f"{WIDTH}x{HEIGHT}:gray@{RATE}", "--service", "--model", MODEL,
             "--masks", folder + "/masks", "--segment", "10m", "--retention-bytes", "20M", "--retention-free", "off", "--checkpoint-interval", "10s",
             "--status", "unix:" + address], stdin=subprocess.PIPE, stderr=log)
        threading.Thread(target=feed, args=(process.stdin, FRAMES, fed), daemon=True).start()
        samples = watch(process, address, fed)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=30)
        held = judge(samples, code, folder, time.monotonic() - begin)
        if not held:
            print(open(folder + "/log").read()[-3000:])
    return 0 if held else 1


sys.exit(main())
