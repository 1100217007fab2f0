"""Writes Tests/BackgroundTests/Goldens/gaussian_mixture.json: EM steps of scikit-learn from given parameters."""

import json
import pathlib
import warnings

import numpy as np
from sklearn.mixture import GaussianMixture

warnings.simplefilter("ignore")  # it warns when the given number of steps does not converge
rng = np.random.default_rng(3)
cases = []
for samples, dimensions, components, steps in ((80, 1, 2, 5), (120, 2, 3, 8), (100, 3, 2, 12)):
    centres = rng.normal(0, 3, (components, dimensions))
    shapes = rng.normal(0, 1, (components, dimensions, dimensions))
    origin = rng.integers(0, components, samples)
    data = centres[origin] + np.einsum("nij,nj->ni", shapes[origin], rng.normal(0, 1, (samples, dimensions)))
    data = np.round(data, 4)
    weights = np.full(components, 1 / components)
    means = data[:components].copy()
    covariances = np.stack([np.cov(data.T).reshape(dimensions, dimensions)] * components)
    model = GaussianMixture(
        components, tol=0, max_iter=steps, weights_init=weights, means_init=means,
        precisions_init=np.linalg.inv(covariances),
    ).fit(data)
    flat = lambda a: [float(v) for v in np.ravel(a)]
    cases.append({
        "dimensions": dimensions, "steps": steps, "data": flat(data),
        "weights": flat(weights), "means": flat(means), "covariances": flat(covariances),
        "fittedWeights": flat(model.weights_), "fittedMeans": flat(model.means_),
        "fittedCovariances": flat(model.covariances_), "meanLogLikelihood": float(model.score(data)),
        "lastLowerBound": float(model.lower_bound_),
    })
path = pathlib.Path(__file__).parent.parent / "BackgroundTests/Goldens/gaussian_mixture.json"
path.write_text(json.dumps(cases) + "\n")
