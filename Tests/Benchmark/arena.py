"""Animals seen from above in an arena: draws videos whose masks and ids are known, and scores a run on each.

Prints a table of F, IDF1, MOTA and switches. Needs numpy and ffmpeg. Usage: arena.py NEM_STREAM FOLDER [SCENE…]
"""
import json
import pathlib
import subprocess
import sys

import numpy as np

WIDTH, HEIGHT, RATE = 640, 480, 25
MARGIN = 40  # pixels of wall around the floor
FLOOR = 170  # grey level
# Where other options than the default are for the scene.
OPTIONS = {"there from the start": [["--min-area", "150"], ["--min-area", "150", "--learn", "30s"]]}
# Length and width in pixels; grey levels of the animals; pixels per frame; frames before they are let in.
SCENES = {
    "dark": dict(count=3, size=(64, 30), level=80, speed=4, frames=1500, empty=60, seed=11),
    "middling": dict(count=3, size=(64, 30), level=100, speed=4, frames=1500, empty=60, seed=12),
    "pale": dict(count=3, size=(64, 30), level=120, speed=4, frames=1500, empty=60, seed=13),
    "large": dict(count=2, size=(130, 60), level=85, speed=6, frames=1500, empty=60, seed=25),
    "fish": dict(count=6, size=(44, 16), level=95, speed=3.5, stop=0.05, turn=0.1, frames=1500, empty=60, seed=23),
    "there from the start": dict(count=6, size=(24, 12), level=80, speed=3, stop=0.5, frames=750, seed=5),
}


def smooth(picture, sigma):
    """Gaussian blur of a picture that goes on at its borders as at the other side."""
    rows, columns = np.fft.fftfreq(picture.shape[0])[:, None], np.fft.fftfreq(picture.shape[1])[None]
    kernel = np.exp(-2 * (np.pi * sigma) ** 2 * (rows**2 + columns**2))
    return np.real(np.fft.ifft2(np.fft.fft2(picture) * kernel))


def texture(random, height, width, sigma, deviation):
    blurred = smooth(random.standard_normal((height, width)), sigma)
    return deviation * blurred / blurred.std()


class Animal:
    """An ellipse that walks about, stops and turns, with a pattern of its own on its back."""

    def __init__(self, random, size, level, speed, stop, turn):
        self.random, self.size, self.speed, self.stop, self.turn = random, size, speed, stop, turn
        length = size[0]
        self.place = np.array([random.uniform(MARGIN + length, n - MARGIN - length) for n in (WIDTH, HEIGHT)])
        self.heading, self.pace, self.walks = random.uniform(0, 2 * np.pi), 0.0, random.random() > stop
        self.back = level + random.uniform(-10, 10) + texture(random, 2 * length + 1, 2 * length + 1, 2, 8)

    def step(self):
        random, half = self.random, self.size[0] / 2
        if random.random() < 0.02:
            self.walks = random.random() > self.stop
        wanted = self.speed * random.uniform(0.6, 1.4) if self.walks else 0
        self.pace += 0.15 * (wanted - self.pace)
        self.pace = self.pace if self.pace > 0.05 else 0
        self.heading += self.turn * random.standard_normal() * min(1, self.pace / self.speed)
        place = self.place + self.pace * np.array([np.cos(self.heading), np.sin(self.heading)])
        if not MARGIN + half < place[0] < WIDTH - MARGIN - half:
            self.heading = np.pi - self.heading
        elif not MARGIN + half < place[1] < HEIGHT - MARGIN - half:
            self.heading = -self.heading
        else:
            self.place = place

    def draw(self, picture, ids, number):
        length, width = self.size
        reach = length // 2 + 4
        left, top = self.place.astype(int) - reach
        box = np.s_[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
        y, x = np.mgrid[box]
        y, x = y - self.place[1], x - self.place[0]
        along = x * np.cos(self.heading) + y * np.sin(self.heading)
        across = y * np.cos(self.heading) - x * np.sin(self.heading)
        radius = (2 * along / length) ** 2 + (2 * across / width / (1 - along / (2 * length))) ** 2
        cover = np.clip((1.05 - radius) * width / 4, 0, 1)
        pattern = self.back[tuple(np.clip((v + length).astype(int), 0, 2 * length) for v in (along, across))]
        picture[box] += cover * (pattern - picture[box])
        ids[box][radius < 1] = number


def encoder(*output):
    raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-"]
    return subprocess.Popen(["ffmpeg", "-nostdin", "-v", "error", "-y", *raw, *output], stdin=subprocess.PIPE)


def draw(folder, count, size, level, speed, frames, seed, empty=0, stop=0.3, turn=0.2):
    """Writes clip.mp4 and the ids of its pixels."""
    random = np.random.default_rng(seed)
    floor = FLOOR + texture(random, HEIGHT, WIDTH, 60, 12) + texture(random, HEIGHT, WIDTH, 2, 6)
    wall = np.ones((HEIGHT, WIDTH), bool)
    wall[MARGIN:-MARGIN, MARGIN:-MARGIN] = False
    floor[wall] -= 60
    animals = [Animal(random, size, level, speed, stop, turn) for _ in range(count)]
    (folder / "ids").mkdir(parents=True, exist_ok=True)
    clip = encoder("-c:v", "libx264", "-crf", "20", "-pix_fmt", "yuv420p", str(folder / "clip.mp4"))
    truth = encoder("-start_number", "0", str(folder / "ids" / "%05d.png"))
    for frame in range(frames):
        picture, ids = floor.copy(), np.zeros((HEIGHT, WIDTH), np.uint8)
        for number, animal in enumerate(animals, 1):
            animal.step()
            if frame >= empty:
                animal.draw(picture, ids, number)
        picture = smooth(picture, 0.7) + 2 * random.standard_normal((HEIGHT, WIDTH))
        clip.stdin.write(np.clip(picture, 0, 255).astype(np.uint8).tobytes())
        truth.stdin.write(ids.tobytes())
    for process in (clip, truth):
        process.stdin.close()
        if process.wait() != 0:
            sys.exit(f"arena.py: ffmpeg could not write to {folder}")


def score(program, folder, *options):
    masks = folder / "masks"
    subprocess.run([program, folder / "clip.mp4", "--masks", masks, "--overwrite", "-q", *options], check=True)
    line = subprocess.run(
        [program, "evaluate", "video", "--truth", folder / "ids", "--masks", masks, "--json"],
        check=True, capture_output=True).stdout
    scores = json.loads(line)
    return "| {f:.3f} | {idf1:.3f} | {mota:.3f} | {id_switches} |".format(**scores)


def main(program, folder, *names):
    print("| animals | F | IDF1 | MOTA | switches |\n|---|---|---|---|---|")
    for name in names or SCENES:
        place = pathlib.Path(folder) / name.replace(" ", "-")
        if not (place / "done").exists():
            draw(place, **SCENES[name])
            (place / "done").touch()
        for options in OPTIONS.get(name, [[]]):
            print(f"| {' '.join([name, *options])} {score(program, place, *options)}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
