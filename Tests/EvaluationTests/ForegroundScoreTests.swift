import Evaluation
import Kernels
import Testing

@Suite struct ForegroundScoreTests {
  private let truth = Image<UInt8>(width: 4, height: 2, pixels: [255, 255, 0, 50, 85, 170, 0, 255])

  @Test func countsUnderTheBenchmarkRules() {
    var score = ForegroundScore()
    score.add(mask: Image(width: 4, height: 2, pixels: [255, 127, 255, 255, 255, 255, 127, 255]), truth: truth)
    #expect(score.truePositives == 2)
    #expect(score.falsePositives == 2)
    #expect(score.falseNegatives == 1)
    #expect(score.precision == 0.5)
    #expect(abs(score.recall - 2.0 / 3) < 1e-12)
    #expect(abs(score.fMeasure - 4.0 / 7) < 1e-12)
  }

  @Test func pixelsOutsideTheRegionAreNotCounted() {
    var score = ForegroundScore()
    let region = Image<UInt8>(width: 4, height: 2, pixels: [255, 0, 0, 0, 255, 255, 255, 0])
    score.add(mask: Image(width: 4, height: 2, fill: 255), truth: truth, region: region)
    #expect(score.truePositives == 1)
    #expect(score.falsePositives == 1)
    #expect(score.falseNegatives == 0)
  }

  @Test func nothingFoundAndNothingThereScoreZero() {
    var score = ForegroundScore()
    #expect(score.fMeasure == 0)
    score.add(mask: Image(width: 4, height: 2, fill: 0), truth: truth)
    #expect(score.falseNegatives == 3)
    #expect(score.precision == 0 && score.recall == 0 && score.fMeasure == 0)
  }
}
