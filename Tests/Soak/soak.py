#!/usr/bin/env python3
"""Faults of live sources for as long as wanted, on loopback: soak.py PROGRAM [SECONDS per fault, 60] [FAULT ...]

Faults: killed, gstreamer, refused, hole, noise, garbage. Each prints one line; the exit code is 1 if one did not hold.
Held is: no crash, recovery within one back-off, under 1 % of a processor while nothing comes, and as many descriptors
and threads, and as much memory, at the end as at the beginning.
"""
import json, os, random, signal, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(sys.argv[1])
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 60
# Longest wait between tries after at most four seconds of absence, and the opening of the stream.
RECOVERY = 4 + 5


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Watched:
    """A run of the program, and what the system says of it."""

    def __init__(self, folder, url, *options):
        self.out = folder + "/out"
        self.log = open(folder + "/log", "w+")
        arguments = [PROGRAM, url, "--masks", self.out, "--model", "none", "--retry-for", "86400", *options]
        self.process = subprocess.Popen(arguments, stderr=self.log, stdin=subprocess.DEVNULL)
        self.samples = []

    def sample(self):
        base = f"/proc/{self.process.pid}/"
        status = dict(line.split(":", 1) for line in open(base + "status"))
        times = open(base + "stat").read().rsplit(")", 1)[1].split()
        self.samples.append(dict(
            memory=int(status["VmRSS"].split()[0]) / 1024, threads=int(status["Threads"]),
            descriptors=len(os.listdir(base + "fd")), processor=(int(times[11]) + int(times[12])) / 100,
            clock=time.monotonic()))

    def frames(self):
        try:
            return open(self.out + "/frames.jsonl").read().count("\n")
        except FileNotFoundError:
            return 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        start = time.monotonic()
        code = self.process.wait(timeout=30)
        return code, time.monotonic() - start

    def load(self):
        first, last = self.samples[0], self.samples[-1]
        return 100 * (last["processor"] - first["processor"]) / (last["clock"] - first["clock"])

    def growth(self, key):
        """From the second quarter's largest to the last quarter's."""
        values = [s[key] for s in self.samples]
        quarter = max(1, len(values) // 4)
        return max(values[-quarter:]) - max(values[quarter:2 * quarter] or values[:1])

    def manifest(self):
        return json.load(open(self.out + "/manifest.json"))


def start(command):
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    server.stdout.readline()
    return server


def end(server):
    server.kill()
    server.wait()


def camera(kind, port, *options):
    return start([sys.executable, HERE + "/camera.py", kind, str(port), *options])


def killed(folder, command, port, path):
    """A server that is killed every few seconds and comes back a little later."""
    watched = Watched(folder, f"rtsp://127.0.0.1:{port}/{path}")
    recoveries, finish = [], time.monotonic() + SECONDS
    while time.monotonic() < finish:
        server = start(command)
        begin, before = time.monotonic(), watched.frames()
        while watched.frames() <= before and time.monotonic() < begin + 3 * RECOVERY:
            time.sleep(0.05)
        recoveries.append(time.monotonic() - begin)
        for _ in range(random.randint(2, 5)):
            time.sleep(1)
            watched.sample()
        end(server)
        time.sleep(random.uniform(0, 3))
    code, stopping = watched.stop()
    longest = max(recoveries[1:])
    found = watched.manifest()["source"]["reconnects"]
    held = (code == 75 and longest < RECOVERY and watched.growth("descriptors") <= 0 and watched.growth("threads") <= 0
            and watched.growth("memory") < 4 and found >= len(recoveries) - 2)
    return held, (f"{len(recoveries)} kills, {found} reconnects, recovery {longest:.1f} s at most, memory "
                  f"{watched.growth('memory'):+.1f} MB, descriptors {watched.growth('descriptors'):+d}, "
                  f"threads {watched.growth('threads'):+d}, stopped in {stopping:.1f} s, exit {code}")


def idle(folder, url, *options, limit=1.0):
    """A source that gives nothing: what does waiting for it cost?"""
    watched = Watched(folder, url, *options)
    time.sleep(2)
    finish = time.monotonic() + SECONDS
    while time.monotonic() < finish:
        watched.sample()
        time.sleep(0.5)
    code, stopping = watched.stop()
    held = (code == 75 and watched.load() < limit and watched.growth("descriptors") <= 0 and stopping < 5
            and watched.growth("memory") < 4)
    return held, (f"{watched.load():.2f} % processor, memory {watched.growth('memory'):+.1f} MB, descriptors "
                  f"{watched.growth('descriptors'):+d}, stopped in {stopping:.1f} s, exit {code}")


def run(fault, folder):
    port = free_port()
    clip = folder + "/camera.h264"
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=10", "-pix_fmt", "yuv420p",
         "-c:v", "libx264", "-bf", "0", "-g", "25", "-x264-params", "slices=1", clip], check=True)
    if fault == "killed":
        return killed(folder, [sys.executable, HERE + "/camera.py", "rtsp", str(port), "--media", clip], port, "1")
    if fault == "gstreamer":
        command = ["/usr/bin/python3", HERE + "/gstreamer_camera.py"]
        trial = subprocess.run(command[:1] + ["-c", "import gi; gi.require_version('GstRtspServer', '1.0')"],
                               stderr=subprocess.DEVNULL)
        if trial.returncode != 0:
            return True, "skipped: gir1.2-gst-rtsp-server-1.0 is not installed"
        return killed(folder, command + [str(port)], port, "test")
    if fault == "refused":
        return idle(folder, f"rtsp://127.0.0.1:{port}/1")
    server = {"hole": lambda: camera("hole", port), "noise": lambda: camera("noise", port),
              "garbage": lambda: camera("rtsp", port, "--media", clip, "--garbage", "2")}[fault]()
    try:
        # Noise and garbage come at full rate and have to be looked at: there the load has no meaning.
        limit = 1.0 if fault == "hole" else 100.0
        return idle(folder, f"rtsp://127.0.0.1:{port}/1", "--open-timeout", "3", "--stall-limit", "3", limit=limit)
    finally:
        end(server)


def main():
    faults = sys.argv[3:] or ["killed", "gstreamer", "refused", "hole", "noise", "garbage"]
    failed = 0
    for fault in faults:
        with tempfile.TemporaryDirectory() as folder:
            held, text = run(fault, folder)
            print(f"{'held  ' if held else 'FAILED'} {fault}: {text}", flush=True)
            if not held:
                failed += 1
                print(open(folder + "/log").read()[-3000:])
    print(f"{len(faults) - failed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
