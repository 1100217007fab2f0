import Scenes
import Testing

@Suite struct FlyingShapesTests {
  @Test func clipsAreRepeatableAndDiffer() {
    let set = FlyingShapes(objects: 3...3, frames: 21, seed: 7)
    let again = FlyingShapes(objects: 3...3, frames: 21, seed: 7)
    #expect(set.sequence(5).features == again.sequence(5).features)
    #expect(set.sequence(5).features != set.sequence(6).features)
    #expect(set.sequence(5).features != FlyingShapes(objects: 3...3, frames: 21, seed: 8).sequence(5).features)
  }

  /// Features are binary, groups lie on them, overlaps belong to nobody, and every shape shows in every frame's count.
  @Test func groupsFollowTheConvention() {
    for index in 0..<50 {
      let clip = FlyingShapes(objects: 3...3, frames: 21, seed: 1).sequence(index)
      #expect(clip.features.count == 21 * 28 * 28 && clip.groups.count == clip.features.count)
      #expect(zip(clip.features, clip.groups).allSatisfy { $0 == 1 || $0 == 0 && $1 == 0 })
      #expect(Set(clip.groups).isSubset(of: [0, 1, 2, 3]))
      for frame in 0..<21 {
        let lit = clip.features[frame * 784..<(frame + 1) * 784].reduce(0, +)
        #expect(lit >= 40 && lit <= 3 * 44, "three shapes of 36 to 44 pixels each")
      }
    }
  }

  /// Where their number has bounds, each number in them comes up.
  @Test func numbersVary() {
    let set = FlyingShapes(objects: 1...3, frames: 3, seed: 4)
    let found = (0..<40).map { Int(set.sequence($0).groups.max() ?? 0) }
    #expect(Set(found) == [1, 2, 3])
  }

  @Test func shapesMove() {
    let clip = FlyingShapes(objects: 1...1, frames: 21, seed: 2).sequence(0)
    let frames = (0..<21).map { Array(clip.features[$0 * 784..<($0 + 1) * 784]) }
    #expect(Set(frames).count > 5)
  }
}
