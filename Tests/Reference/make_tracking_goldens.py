"""Prints Tests/EvaluationTests/TrackingGoldens.swift: small sequences of labels and their scores from TrackEval.

Needs trackeval, tabulate, pycocotools, opencv-python-headless, scikit-image. IDF1t and persistence, which TrackEval does not know,
follow their definitions here.
"""

import numpy as np
from pycocotools import mask as coco
from trackeval.metrics import CLEAR, HOTA, Identity, JAndF

WIDTH, HEIGHT = 160, 120
rng = np.random.default_rng(11)


def moving(objects, frames, size):
    """Boxes on straight ways; later ones lie in front."""
    starts = rng.uniform(0, [WIDTH - size, HEIGHT - size], (objects, 2))
    ends = rng.uniform(0, [WIDTH - size, HEIGHT - size], (objects, 2))
    sizes = rng.integers(12, size + 1, (objects, 2))
    clip = []
    for t in range(frames):
        boxes = []
        for k in range(objects):
            x, y = np.rint(starts[k] + (ends[k] - starts[k]) * t / max(1, frames - 1)).astype(int)
            boxes.append((k + 1, int(x), int(y), int(sizes[k][0]), int(sizes[k][1])))
        clip.append(boxes)
    return clip


def disturbed(clip, shift, missing, false, switch):
    """What a poor tracker makes of it: shifted, missed, invented and renamed boxes."""
    names, result = {}, []
    for boxes in clip:
        found = []
        for k, x, y, w, h in boxes:
            if rng.random() < switch:
                names[k] = int(rng.integers(1, 9))
            if rng.random() >= missing:
                dx, dy = rng.integers(-shift, shift + 1, 2)
                found.append((names.get(k, k + 20), x + int(dx), y + int(dy), w, h))
        if rng.random() < false:
            found.append((int(rng.integers(50, 53)), *(int(v) for v in rng.integers(0, 90, 2)), 20, 16))
        result.append(found)
    return result


def paint(boxes):
    labels = np.zeros((HEIGHT, WIDTH), np.int32)
    for k, x, y, w, h in boxes:
        labels[max(y, 0) : max(y + h, 0), max(x, 0) : max(x + w, 0)] = k
    return labels


def data(truth, result):
    """TrackEval's input: ids counted from 0, IoU of each pair, masks in COCO's coding."""
    order = [sorted({int(k) for f in clip for k in np.unique(f) if k > 0}) for clip in (truth, result)]
    ids = [[np.array([o.index(k) for k in np.unique(f) if k > 0], int) for f in c] for o, c in zip(order, (truth, result))]
    masks = [
        [[coco.encode(np.asfortranarray(f == k, np.uint8)) for k in np.unique(f) if k > 0] for f in clip]
        for clip in (truth, result)
    ]
    iou = []
    for t, r in zip(truth, result):
        pairs = [[(np.sum((t == a) & (r == b)) / np.sum((t == a) | (r == b))) for b in np.unique(r) if b > 0]
                 for a in np.unique(t) if a > 0]
        iou.append(np.array(pairs, float).reshape(len(np.unique(t[t > 0])), len(np.unique(r[r > 0]))))
    return {
        "num_timesteps": len(truth), "num_gt_ids": len(order[0]), "num_tracker_ids": len(order[1]),
        "num_gt_dets": sum(map(len, ids[0])), "num_tracker_dets": sum(map(len, ids[1])),
        "gt_ids": ids[0], "tracker_ids": ids[1], "similarity_scores": iou, "gt_dets": masks[0], "tracker_dets": masks[1],
    }


def tracklets(d):
    matches = np.zeros((d["num_gt_ids"], d["num_tracker_ids"]))
    for a, b, iou in zip(d["gt_ids"], d["tracker_ids"], d["similarity_scores"]):
        for i, j in zip(*np.nonzero(iou >= 0.5)):
            matches[a[i], b[j]] += 1
    best, frames = matches.max(1, initial=0), np.bincount(np.concatenate(d["gt_ids"]), minlength=d["num_gt_ids"])
    return 2 * best.sum() / (d["num_gt_dets"] + d["num_tracker_dets"]), (best / frames).mean()


def scores(truth, result):
    d = data([paint(f) for f in truth], [paint(f) for f in result])
    clear, identity, hota = (m.eval_sequence(d) for m in (CLEAR({"PRINT_CONFIG": False}),
                             Identity({"PRINT_CONFIG": False}), HOTA()))
    f1t, persistence = tracklets(d)
    outlines = JAndF()
    outlines.optim_type = "J&F"
    davis = outlines.eval_sequence(d)
    return {
        "mota": clear["MOTA"], "motp": clear["MOTP"], "falsePositives": int(clear["CLR_FP"]),
        "falseNegatives": int(clear["CLR_FN"]), "idSwitches": int(clear["IDSW"]),
        "idf1": identity["IDF1"], "idp": identity["IDP"], "idr": identity["IDR"],
        "hota": np.mean(hota["HOTA"]), "detection": np.mean(hota["DetA"]), "association": np.mean(hota["AssA"]),
        "trackletF1": f1t, "persistence": persistence, "region": davis["J-Mean"], "boundary": davis["F-Mean"],
    }


cases = []
for objects, frames, shift, missing, false, switch in [
    (2, 6, 0, 0, 0, 0), (3, 8, 2, 0.1, 0.2, 0.1), (5, 10, 3, 0.2, 0.5, 0.2), (4, 12, 5, 0.1, 0.3, 0.05),
    (6, 9, 2, 0.5, 0.1, 0.4), (1, 5, 4, 0.4, 1, 0.3),
]:
    clip = moving(objects, frames, 36)
    cases.append((clip, disturbed(clip, shift, missing, false, switch)))

print("// Made by Tests/Reference/make_tracking_goldens.py with TrackEval.")
print(f"let trackingGoldenSize = (width: {WIDTH}, height: {HEIGHT})\n")
print("let trackingGoldens: [TrackingGolden] = [")
for truth, result in cases:
    print("  TrackingGolden(")
    for name, clip in (("truth", truth), ("result", result)):
        print(f"    {name}: [")
        for boxes in clip:
            print(f'      "{" ".join(",".join(map(str, box)) for box in boxes)}",')
        print("    ],")
    values = scores(truth, result)
    fields = [f"{k}: {v if isinstance(v, int) else repr(round(float(v), 12))}" for k, v in values.items()]
    print("    " + ",\n    ".join(", ".join(fields[i : i + 4]) for i in range(0, len(fields), 4)) + "),")
print("]")
