"""Reads one form of a run's masks with the tool its users use, and compares it with the FFV1 masks, pixel by pixel.

    check_forms.py FORM FOLDER

The folder holds the form and the FFV1 masks. Ends with 77 where a Python package is missing.
"""

import json
import os
import subprocess
import sys


def records(folder):
    with open(f"{folder}/frames.jsonl") as file:
        return [json.loads(line) for line in file]


def decode(path, pixel_format, kind, shape):
    """All frames of a video, through the ffmpeg program."""
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "rawvideo", "-fps_mode", "passthrough",
         "-pix_fmt", pixel_format, "-"], stdout=subprocess.PIPE, check=True).stdout
    return numpy.frombuffer(raw, kind).reshape(-1, *shape)


def truth(folder):
    """The object's number at each pixel of each frame, from the FFV1 masks."""
    with open(f"{folder}/manifest.json") as file:
        manifest = json.load(file)
    shape = (manifest["height"], manifest["width"])
    frames = records(folder)
    labels = numpy.zeros((len(frames), *shape), int)
    for name in sorted(os.listdir(f"{folder}/objects")):
        if not name.endswith(".mkv"):
            continue
        number = int(name[:-4])
        first = next(i for i, frame in enumerate(frames) if any(o["id"] == number for o in frame["objects"]))
        masks = decode(f"{folder}/objects/{name}", "gray", numpy.uint8, shape)
        labels[first:first + len(masks)][masks > 127] = number
    assert labels.any(), "no masks"
    return labels


def check(name, found, expected):
    assert found.shape == expected.shape, f"{name}: {found.shape}, not {expected.shape}"
    assert (found == expected).all(), f"{name}: {(found != expected).sum()} pixels differ"


def sequence(folder):
    return os.listdir(f"{folder}/Annotations")[0]


def davis(folder, labels):
    from PIL import Image
    path = f"{folder}/Annotations/{sequence(folder)}"
    assert len(os.listdir(path)) == len(labels)
    for index, expected in enumerate(labels):
        picture = Image.open(f"{path}/{index:05d}.png")
        assert picture.mode == "P" and picture.getpalette()[:9] == [0, 0, 0, 128, 0, 0, 0, 128, 0]
        assert picture.getpalette()[3 * 255:] == [224, 224, 192]
        check(f"davis {index}", numpy.array(picture), expected)


def mots(folder, labels):
    import cv2
    for index, expected in enumerate(labels):
        picture = cv2.imread(f"{folder}/mots/{index + 1:06d}.png", cv2.IMREAD_UNCHANGED)
        assert picture.dtype == numpy.uint16
        check(f"mots {index}", picture.astype(int) - 2000 * (picture > 0), expected)


def mots_txt(folder, labels):
    from pycocotools import mask
    found = numpy.zeros_like(labels)
    for line in open(f"{folder}/mots.txt"):
        frame, number, kind, height, width, runs = line.split()
        assert kind == "2" and int(number) >= 2001
        shape = {"size": [int(height), int(width)], "counts": runs.encode()}
        found[int(frame) - 1][mask.decode(shape) > 0] = int(number) - 2000
    check("mots-txt", found, labels)


def mot_txt(folder, labels):
    rows = numpy.loadtxt(f"{folder}/mot.txt", delimiter=",", ndmin=2)
    boxes = {(int(row[0]) - 1, int(row[1])): tuple(row[2:6].astype(int)) for row in rows}
    assert len(boxes) == len(rows) and (rows[:, 7:] == -1).all() and rows.shape[1] == 10
    expected = {}
    for index, picture in enumerate(labels):
        for number in set(picture[picture > 0]):
            y, x = numpy.nonzero(picture == number)
            expected[index, int(number)] = (
                x.min() + 1, y.min() + 1, x.max() + 1 - x.min(), y.max() + 1 - y.min())
    assert boxes == expected


def coco(folder, labels):
    from pycocotools.coco import COCO
    data = COCO(f"{folder}/coco.json")
    found = numpy.zeros_like(labels)
    assert sorted(data.getImgIds()) == list(range(1, len(labels) + 1))
    for annotation in data.loadAnns(data.getAnnIds()):
        picture = data.annToMask(annotation)
        assert picture.sum() == annotation["area"]
        found[data.imgs[annotation["image_id"]]["frame"]][picture > 0] = annotation["track_id"]
    check("coco", found, labels)


def lines(folder, labels):
    from pycocotools import mask
    found = numpy.zeros_like(labels)
    with open(f"{folder}/lines.jsonl") as file:
        for line in map(json.loads, file):
            for item in line["objects"]:
                found[line["frame"]][mask.decode(item["segmentation"]) > 0] = item["id"]
    check("lines", found, labels)


def numbers(folder, labels):
    check("labels", decode(f"{folder}/labels.mkv", "gray16le", numpy.uint16, labels.shape[1:]), labels)


def without_holes(mask):
    """The mask with every pixel that cannot be reached from outside over sides or corners."""
    import cv2
    outside = numpy.pad(~mask, 1, constant_values=True).astype(numpy.uint8)
    regions = cv2.connectedComponents(outside, connectivity=8)[1]
    return (regions != regions[0, 0])[1:-1, 1:-1]


def yolo(folder, labels):
    height, width = labels.shape[1:]
    for index, picture in enumerate(labels):
        expected = numpy.zeros((height, width), bool)
        for number in set(picture[picture > 0]):
            expected |= without_holes(picture == number)
        found = numpy.zeros((height, width), bool)
        for line in open(f"{folder}/yolo/labels/{index:06d}.txt"):
            kind, *values = line.split()
            corners = numpy.array(values, float).reshape(-1, 2) * (width, height)
            assert kind == "0" and len(corners) >= 4 and abs(corners - corners.round()).max() < 1e-6 * max(width, height)
            corners = corners.round().astype(int)
            part = numpy.zeros((height, width), bool)
            for (x, y), (next_x, next_y) in zip(corners, numpy.roll(corners, -1, axis=0)):
                assert x == next_x or y == next_y
                if x == next_x:
                    part[min(y, next_y):max(y, next_y), x:] ^= True
            found |= part
        check(f"yolo {index}", found, expected)


def cutouts(folder, labels):
    from PIL import Image
    source = decode(f"{folder}/source.mp4", "rgb24", numpy.uint8, (*labels.shape[1:], 3))
    found = numpy.zeros_like(labels)
    errors = []
    for frame in records(folder):
        for item in frame["objects"]:
            if not item["area"]:
                continue
            picture = numpy.array(Image.open(f"{folder}/cutouts/{item['id']:04d}/{frame['frame']:06d}.png"))
            x, y, width, height = item["bbox"]
            assert picture.shape == (height, width, 4) and set(picture[:, :, 3].flat) <= {0, 255}
            visible = picture[:, :, 3] > 0
            found[frame["frame"], y:y + height, x:x + width][visible] = item["id"]
            original = source[frame["frame"], y:y + height, x:x + width]
            errors.append(abs(original[visible].astype(int) - picture[visible][:, :3]).mean())
            assert not picture[~visible].any()
    check("cutouts", found, labels)
    # Chroma is interpolated differently.
    assert numpy.mean(errors) < 3, f"colours differ by {numpy.mean(errors)}"


CHECKS = {
    "yolo-seg": yolo, "cutouts": cutouts,
    "davis": davis, "mots": mots, "mots-txt": mots_txt, "mot-txt": mot_txt, "coco": coco, "labels": numbers,
    "lines": lines,
}

if __name__ == "__main__":
    try:
        import numpy
        CHECKS[sys.argv[1]](sys.argv[2], truth(sys.argv[2]))
    except ModuleNotFoundError as missing:
        print(missing, file=sys.stderr)
        sys.exit(77)
