import Background
import Kernels
import Testing

@Suite struct CameraShakeTests {
  @Test(arguments: [Int32(0), 1, 2]) func subtractorEqualsItsPlainTwinWhileTheCameraShakes(level: Int32) throws {
    var configuration = BackgroundConfiguration()
    configuration.removeShadows = level != 1
    let (width, height) = (83, 61)
    var twins = try SubtractorTwins(width: width, height: height, configuration: configuration, level: level)
    configuration.compensateMotion = false
    let uncompensated = try BackgroundSubtractor(width: width, height: height, configuration: configuration)
    let scene = ShakyScene(seed: 13)
    var (noise, differing) = (RandomSource(seed: 14), 0)
    for t in 0..<24 {
      let (dx, dy) = t % 5 == 0 ? (0, 0) : (Double(t % 7) - 3.3, Double(t % 3) * 1.4)
      let frame = scene.frame(width: width, height: height, dx: dx, dy: dy, object: 3 * t, noise: &noise)
      let mask = twins.apply(frame)
      if uncompensated.mask(of: frame) != mask { differing += 1 }
    }
    #expect(differing > 12)
  }

  @Test func aShakingCameraShowsOnlyTheObject() throws {
    let (width, height) = (160, 120)
    var configuration = BackgroundConfiguration()
    let scene = ShakyScene(seed: 15)
    func wrong(_ configuration: BackgroundConfiguration) throws -> Int {
      let subtractor = try BackgroundSubtractor(width: width, height: height, configuration: configuration)
      var (noise, wrong) = (RandomSource(seed: 16), 0)
      for t in 0..<40 {
        let (dx, dy) = t < 20 ? (0, 0) : (Double(t * 7 % 17) - 8.3, Double(t * 5 % 11) - 5.6)
        let frame = scene.frame(width: width, height: height, dx: dx, dy: dy, object: t < 20 ? nil : 60, noise: &noise)
        let mask = subtractor.mask(of: frame)
        guard t >= 20 else { continue }
        for y in 0..<height {
          for x in 0..<width {
            let isObject = (60..<100).contains(x) && (40..<80).contains(y)
            if (mask[x, y] == 255) != isObject { wrong += 1 }
          }
        }
      }
      return wrong / 20
    }
    let compensated = try wrong(configuration)
    configuration.compensateMotion = false
    let plain = try wrong(configuration)
    #expect(compensated < 100 && plain > 1000, "\(compensated) of \(plain) wrong pixels remain")
  }
}
