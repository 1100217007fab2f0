"""Writes Tests/MasksTests/SORTGolden.swift: SORT with its seven-dimensional filter and scipy's assignment.

Written from the paper (Bewley et al. 2016), with the constants of the authors' program.
"""

import pathlib

import numpy as np
from scipy.optimize import linear_sum_assignment

TRANSITION = np.eye(7) + np.diag([1, 1, 1], k=4)[:7, :7]
MEASURE = np.eye(4, 7)
PROCESS_NOISE = np.diag([1, 1, 1, 1, 1e-2, 1e-2, 1e-4])
MEASUREMENT_NOISE = np.diag([1.0, 1, 10, 10])


def state_of(box):
    x, y, w, h = box
    return np.array([x + w / 2, y + h / 2, w * h, w / h])


class Track:
    def __init__(self, box):
        self.x = np.concatenate([state_of(box), np.zeros(3)])
        self.p = np.diag([10.0] * 4 + [1e4] * 3)
        self.missed = self.streak = 0
        self.id = None

    def predict(self):
        if self.x[2] + self.x[6] <= 0:
            self.x[6] = 0
        self.x = TRANSITION @ self.x
        self.p = TRANSITION @ self.p @ TRANSITION.T + PROCESS_NOISE
        if self.missed:
            self.streak = 0
        self.missed += 1

    def update(self, box):
        gain = self.p @ MEASURE.T @ np.linalg.inv(MEASURE @ self.p @ MEASURE.T + MEASUREMENT_NOISE)
        self.x = self.x + gain @ (state_of(box) - MEASURE @ self.x)
        self.p = (np.eye(7) - gain @ MEASURE) @ self.p
        self.missed = 0
        self.streak += 1


def corners(s):
    w = np.sqrt(s[2] * s[3])
    h = s[2] / w
    return s[0] - w / 2, s[1] - h / 2, s[0] + w / 2, s[1] + h / 2


def iou(a, b):
    a, b = corners(a), corners(b)
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    inter = max(w, 0) * max(h, 0)
    return inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter)


class Sort:
    def __init__(self, max_age, min_hits=3, threshold=0.3):
        self.max_age, self.min_hits, self.threshold = max_age, min_hits, threshold
        self.tracks, self.frames, self.next = [], 0, 1

    def step(self, boxes):
        self.frames += 1
        for t in self.tracks:
            t.predict()
        overlaps = np.array([[iou(state_of(b), t.x) for t in self.tracks] for b in boxes])
        pairs = []
        if overlaps.size:
            good = overlaps >= self.threshold
            if good.sum(0).max() == 1 and good.sum(1).max() == 1:
                pairs = list(zip(*np.where(good)))
            else:
                pairs = [p for p in zip(*linear_sum_assignment(-overlaps)) if overlaps[p] >= self.threshold]
        of_box = {int(d): self.tracks[t] for d, t in pairs}
        for d, box in enumerate(boxes):
            if d in of_box:
                of_box[d].update(box)
            else:
                of_box[d] = Track(box)
                self.tracks.append(of_box[d])
        ids = []
        for d in range(len(boxes)):
            track = of_box[d]
            if track.streak >= self.min_hits or self.frames <= self.min_hits:
                if track.id is None:
                    track.id, self.next = self.next, self.next + 1
                ids.append(track.id)
            else:
                ids.append(0)
        self.tracks = [t for t in self.tracks if t.missed <= self.max_age]
        return ids


def touches(a, b):
    return a[0] <= b[0] + b[2] and b[0] <= a[0] + a[2] and a[1] <= b[1] + b[3] and b[1] <= a[1] + a[3]


def scene(rng, frames):
    """Boxes that move, jitter, grow, jump now and then, and are missed; those that touch another are left out."""
    objects = []
    for _ in range(frames):
        if len(objects) < 6 and rng.random() < 0.3:
            objects.append([*rng.uniform(10, 70, 2), *rng.uniform(6, 16, 2), *rng.uniform(-3, 3, 2)])
        boxes = []
        for o in objects:
            o[0] += o[4]
            o[1] += o[5]
            o[2] = np.clip(o[2] + rng.normal(0, 1), 5, 20)
            if rng.random() < 0.1:
                o[0] += rng.normal(0, 5)
            box = [int(v) for v in o[:4]]
            inside = box[0] >= 0 and box[1] >= 0 and box[0] + box[2] <= 100 and box[1] + box[3] <= 100
            if inside and rng.random() > 0.07 and not any(touches(box, b) for b in boxes):
                boxes.append(box)
        objects = [o for o in objects if -20 < o[0] < 110 and -20 < o[1] < 110]
        yield sorted(boxes, key=lambda b: (b[1], b[0]))


lines = ["// Made by Tests/Reference/make_sort_golden.py: a line for each frame.", "let sortGoldens: [SORTGolden] = ["]
for max_age, seed in ((1, 1), (4, 2)):
    sort = Sort(max_age)
    lines += ["  SORTGolden(", f"    maximumAge: {max_age},", '    text: """']
    for boxes in scene(np.random.default_rng(seed), 100):
        found = [[*box, id] for box, id in zip(boxes, sort.step(boxes))]
        lines.append("      " + ", ".join(" ".join(map(str, box)) for box in found) if found else "")
    lines += ['      """),']
lines.append("]")
path = pathlib.Path(__file__).parent.parent / "MasksTests/SORTGolden.swift"
path.write_text("\n".join(lines) + "\n")
print({"tracks reported": sort.next - 1})
