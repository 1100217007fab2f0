import Evaluation
import Kernels
import Testing

struct ClusterGolden: Sendable {
  let labels: [Int32]
  let truth: [Int32]
  let amiMax: Double
  let amiArithmetic: Double
  let ari: Double
}

@Suite struct ClusterScoreTests {
  @Test(arguments: clusterGoldens) func agreesWithScikitLearn(golden: ClusterGolden) {
    let (labels, truth) = (golden.labels, golden.truth)
    #expect(abs(AdjustedMutualInformation.score(labels, truth) - golden.amiMax) < 1e-10)
    let arithmetic = AdjustedMutualInformation.score(labels, truth, normalizer: .arithmetic)
    #expect(abs(arithmetic - golden.amiArithmetic) < 1e-10)
    #expect(abs(AdjustedRandIndex.score(labels, truth) - golden.ari) < 1e-12)
  }

  @Test func scoresDoNotDependOnNamesOrOrder() {
    var random = RandomSource(seed: 3)
    let truth = (0..<200).map { _ in Int32.random(in: 0..<4, using: &random) }
    let labels = truth.map { random.uniform() < 0.3 ? Int32.random(in: 0..<3, using: &random) : $0 }
    let renamed = labels.map { 1000 - 77 * $0 }
    let ami = AdjustedMutualInformation.score(labels, truth)
    #expect(ami > 0.2 && ami < 0.9)
    #expect(abs(AdjustedMutualInformation.score(renamed, truth) - ami) < 1e-12)
    #expect(abs(AdjustedMutualInformation.score(truth, labels) - ami) < 1e-12)
    #expect(AdjustedRandIndex.score(renamed, truth) == AdjustedRandIndex.score(labels, truth))
  }

  @Test func independentLabelsScoreNearZero() {
    var random = RandomSource(seed: 11)
    var (ami, ari) = (0.0, 0.0)
    for _ in 0..<200 {
      let truth = (0..<150).map { _ in Int32.random(in: 0..<3, using: &random) }
      let labels = (0..<150).map { _ in Int32.random(in: 0..<3, using: &random) }
      ami += AdjustedMutualInformation.score(labels, truth) / 200
      ari += AdjustedRandIndex.score(labels, truth) / 200
    }
    #expect(abs(ami) < 0.005)
    #expect(abs(ari) < 0.005)
  }

  @Test func maskedPixelsAreLeftOut() {
    let truth: [Int32] = [0, 1, 1, 2, 2, 0]
    let labels: [Int32] = [9, 4, 4, 5, 5, 4]
    let mask = truth.map { $0 != 0 }
    #expect(AdjustedMutualInformation.score(labels, truth) < 0.9)
    #expect(abs(AdjustedMutualInformation.score(labels, truth, mask: mask) - 1) < 1e-12)
    #expect(AdjustedRandIndex.score(labels, truth, mask: mask) == 1)
  }

  @Test func largeLabellingsDoNotOverflow() {
    let truth = (0..<400_000).map { Int32($0 / 100_000) }
    #expect(AdjustedRandIndex.score(truth, truth) == 1)
    let shifted = (0..<400_000).map { Int32(($0 + 50_000) / 100_000) }
    let score = AdjustedRandIndex.score(shifted, truth)
    #expect(score > 0.2 && score < 0.7)
  }
}
