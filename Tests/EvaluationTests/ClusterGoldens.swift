// Made by Tests/Reference/make_cluster_goldens.py with scikit-learn.
let clusterGoldens: [ClusterGolden] = [
  ClusterGolden(
    labels: [],
    truth: [],
    amiMax: 1.0, amiArithmetic: 1.0, ari: 1.0),
  ClusterGolden(
    labels: [4],
    truth: [9],
    amiMax: 1.0, amiArithmetic: 1.0, ari: 1.0),
  ClusterGolden(
    labels: [0, 0, 0, 0],
    truth: [3, 3, 3, 3],
    amiMax: 1.0, amiArithmetic: 1.0, ari: 1.0),
  ClusterGolden(
    labels: [0, 0, 0, 0],
    truth: [0, 1, 2, 3],
    amiMax: 0.0, amiArithmetic: 0.0, ari: 0.0),
  ClusterGolden(
    labels: [0, 0, 1, 1],
    truth: [5, 5, 5, 5],
    amiMax: 0.0, amiArithmetic: 0.0, ari: 0.0),
  ClusterGolden(
    labels: [0, 0, 1, 1],
    truth: [7, 7, -2, -2],
    amiMax: 1.0, amiArithmetic: 1.0, ari: 1.0),
  ClusterGolden(
    labels: [0, 0, 1, 1],
    truth: [0, 1, 0, 1],
    amiMax: -0.49999999999999944, amiArithmetic: -0.49999999999999944, ari: -0.5),
  ClusterGolden(
    labels: [0, 1, 2, 3],
    truth: [3, 2, 1, 0],
    amiMax: 1.0, amiArithmetic: 1.0, ari: 1.0),
  ClusterGolden(
    labels: [0, 0, 1, 2],
    truth: [0, 0, 1, 1],
    amiMax: 0.4000000000000001, amiArithmetic: 0.5714285714285715, ari: 0.5714285714285714),
  ClusterGolden(
    labels: [
      2, 1, 2, 1, 1, 2, 2, 0, 0, 0, 0, 2, 0, 0, 1, 2, 0, 2, 0, 1, 2, 0, 1, 0, 2, 0, 0, 1, 1, 1,
      1, 1, 1, 2, 2, 2, 2, 1, 1, 2,
    ],
    truth: [
      2, 1, 2, 2, 1, 2, 2, 0, 0, 0, 0, 2, 2, 0, 1, 2, 0, 2, 0, 1, 2, 0, 1, 0, 2, 0, 2, 1, 1, 1,
      1, 1, 1, 2, 2, 2, 2, 1, 1, 2,
    ],
    amiMax: 0.7640278573804186, amiArithmetic: 0.7716429375610729, ari: 0.7750528097799217),
  ClusterGolden(
    labels: [
      2, 0, 0, 0, 1, 2, 0, 0, 2, 0, 2, 2, 2, 2, 0, 2, 2, 2, 2, 0, 2, 0, 2, 2, 2, 2, 0, 2, 1, 1,
      1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 2, 0, 0, 2, 2, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 2, 2,
    ],
    truth: [
      2, 0, 3, 3, 0, 2, 0, 0, 1, 3, 3, 2, 2, 2, 0, 1, 3, 1, 0, 0, 2, 0, 3, 3, 2, 1, 3, 2, 1, 1,
      1, 3, 0, 0, 2, 1, 3, 0, 3, 0, 1, 3, 0, 2, 2, 1, 0, 2, 1, 3, 2, 1, 0, 2, 1, 2, 3, 1, 3, 2,
    ],
    amiMax: 0.20833057310518516, amiArithmetic: 0.23956180127112564, ari: 0.20792094026368213),
  ClusterGolden(
    labels: [
      2, 0, 4, 0, 0, 3, 2, 3, 0, 3, 2, 4, 3, 4, 3, 4, 0, 3, 3, 1, 1, 3, 0, 0, 4, 3, 2, 3, 1, 3,
      1, 2, 0, 1, 1, 2, 2, 0, 1, 4, 2, 2, 0, 1, 4, 2, 0, 3, 3, 1, 0, 4, 1, 4, 1, 1, 3, 0, 0, 3,
    ],
    truth: [
      1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1,
      0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1,
    ],
    amiMax: -0.015182006669967647, amiArithmetic: -0.021362626041011665, ari: -0.016779391274253375),
  ClusterGolden(
    labels: [
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    ],
    truth: [
      2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
    ],
    amiMax: 0.545436099062699, amiArithmetic: 0.611411549942439, ari: 0.5135453474676089),
]
