"""Prints Tests/EvaluationTests/ClusterGoldens.swift: labellings and their scores from scikit-learn."""

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

rng = np.random.default_rng(7)


def noisy(n, groups, flip, names):
    truth = rng.integers(0, groups, n)
    labels = np.where(rng.random(n) < flip, rng.integers(0, names, n), truth % names)
    return labels, truth


cases = [
    ([], []),
    ([4], [9]),
    ([0, 0, 0, 0], [3, 3, 3, 3]),
    ([0, 0, 0, 0], [0, 1, 2, 3]),
    ([0, 0, 1, 1], [5, 5, 5, 5]),
    ([0, 0, 1, 1], [7, 7, -2, -2]),
    ([0, 0, 1, 1], [0, 1, 0, 1]),
    ([0, 1, 2, 3], [3, 2, 1, 0]),
    ([0, 0, 1, 2], [0, 0, 1, 1]),
    noisy(40, 3, 0.1, 3),
    noisy(60, 4, 0.5, 3),
    noisy(60, 2, 1.0, 5),
    (np.repeat([0, 1, 2], 20), np.repeat([2, 0, 1, 5], 15)),
]

print("// Made by Tests/Reference/make_cluster_goldens.py with scikit-learn.")
print("let clusterGoldens: [ClusterGolden] = [")
for labels, truth in cases:
    labels, truth = np.asarray(labels, int), np.asarray(truth, int)
    scores = [
        adjusted_mutual_info_score(truth, labels, average_method="max"),
        adjusted_mutual_info_score(truth, labels, average_method="arithmetic"),
        adjusted_rand_score(truth, labels),
    ]
    print("  ClusterGolden(")
    for name, values in (("labels", labels), ("truth", truth)):
        lines = [", ".join(map(str, values[i : i + 30])) for i in range(0, len(values), 30)]
        if len(lines) < 2:
            print(f"    {name}: [{''.join(lines)}],")
        else:
            print(f"    {name}: [\n      " + ",\n      ".join(lines) + ",\n    ],")
    print("    amiMax: {!r}, amiArithmetic: {!r}, ari: {!r}),".format(*map(float, scores)))
print("]")
