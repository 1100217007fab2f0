import Kernels
import Scenes
import Testing

/// What every generated data set promises.
@Suite struct SequenceSourceTests {
  /// Ten strokes and blots of our own; MNIST is not part of the project.
  static let digits: DigitSet = {
    var random = RandomSource(seed: 3)
    return DigitSet(
      pictures: (0..<10 * 784).map { place in
        let (x, y) = (place % 28, place / 28 % 28)
        return (5..<23).contains(x) && (4..<24).contains(y) ? UInt8(random.integer(below: 256)) : 0
      })
  }()

  enum Kind: CaseIterable {
    case shapes, flyingShapes, flyingDigits, balls, manyBalls, curtain

    func source(seed: UInt64) -> any SequenceSource {
      switch self {
      case .shapes: Shapes(objects: 3, frames: 2, seed: seed)
      case .flyingShapes: FlyingShapes(objects: 4...4, frames: 21, seed: seed)
      case .flyingDigits: FlyingDigits(digits, objects: 3, frames: 21, seed: seed)
      case .balls: BouncingBalls(objects: 4...4, hasCurtain: false, frames: 51, seed: seed)
      case .manyBalls: BouncingBalls(objects: 6...8, hasCurtain: false, frames: 51, seed: seed)
      case .curtain: BouncingBalls(objects: 3...3, hasCurtain: true, frames: 51, seed: seed)
      }
    }

    var mostObjects: Int32 {
      switch self {
      case .shapes, .flyingDigits, .curtain: 3
      case .flyingShapes, .balls: 4
      case .manyBalls: 8
      }
    }
  }

  @Test(arguments: Kind.allCases) func clipsAreRepeatableAndDiffer(_ kind: Kind) throws {
    let (set, again) = (kind.source(seed: 7), kind.source(seed: 7))
    for index in 0..<5 { _ = try set.sequence(index) }
    #expect(try set.sequence(5) == again.sequence(5), "earlier clips do not matter")
    #expect(try set.sequence(5) != set.sequence(6))
    #expect(try set.sequence(5) != kind.source(seed: 8).sequence(5))
  }

  @Test(arguments: Kind.allCases) func valuesKeepTheirRanges(_ kind: Kind) throws {
    let set = kind.source(seed: 1)
    var owners = Set<Int32>()
    var values = Set<Float>()
    for index in 0..<20 {
      let clip = try set.sequence(index)
      #expect(clip.format == set.format)
      #expect(zip(clip.features, clip.groups).allSatisfy { $0 > 0 || $1 == 0 }, "an owner's pixels are lit")
      #expect(clip.features.allSatisfy { (0...1).contains($0) })
      owners.formUnion(clip.groups)
      values.formUnion(clip.features)
    }
    #expect(owners == Set(0...kind.mostObjects))
    #expect(kind == .flyingDigits ? values.count > 200 : values == [0, 1])
  }

  /// A change of these bytes would make models and figures of the data sets worthless without a word.
  @Test func bytesStayWhatTheyWere() throws {
    let expected: [(Kind, UInt64)] = [
      (.shapes, 0xa6f8_43a8_3ff2_c185), (.flyingShapes, 0x24b_b653_2a47_99d6), (.balls, 0x9c0e_ab6d_251e_fa05),
      (.manyBalls, 0x10f7_1637_39bf_e9e8), (.curtain, 0x94dc_b208_2245_67c8),
    ]
    for (kind, digest) in expected {
      let found = try self.digest(kind.source(seed: 1).sequence(0))
      #expect(found == digest, "\(kind): \(String(found, radix: 16))")
    }
  }

  /// FNV-1a over groups, lit pixels and collisions.
  private func digest(_ clip: LabelledSequence) -> UInt64 {
    let bytes = clip.features.map { UInt8($0) } + clip.groups.map { UInt8($0) } + clip.collisions
    return bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Each round through a finite source has every clip once, and its own order.
  @Test(arguments: [1, 2, 12, 97]) func shuffledRoundsAreCompleteAndDiffer(_ count: Int) throws {
    let source = Shapes(objects: 3, frames: 1, seed: 1)
    let clips = (0..<count).map { source.sequence($0).features }
    let shuffled = ShuffledSequences(source, count: count, seed: 5)
    let rounds = try (0..<4).map { round in
      try (0..<count).map { clips.firstIndex(of: try shuffled.sequence(round * count + $0).features) }
    }
    for round in rounds { #expect(round.compactMap(\.self).sorted() == Array(0..<count)) }
    #expect(count < 12 || Set(rounds).count == 4)
    #expect(try ShuffledSequences(source, count: count, seed: 5).sequence(7) == shuffled.sequence(7))
  }

  @Test func shapesStandStillAndOverlapsBelongToNobody() throws {
    let set = Shapes(objects: 3, frames: 3, seed: 4)
    var overlaps = 0
    for index in 0..<50 {
      let clip = set.sequence(index)
      #expect(clip.features.prefix(784).elementsEqual(clip.features.suffix(784)))
      #expect(clip.groups.prefix(784).elementsEqual(clip.groups.suffix(784)))
      let lit = clip.features.prefix(784).reduce(0, +)
      let owned = clip.groups.prefix(784).filter { $0 != 0 }.count
      overlaps += Int(lit) - owned
      for object in Int32(1)...3 { #expect(clip.groups.prefix(784).filter { $0 == object }.count <= 44) }
    }
    #expect(overlaps > 100, "shapes may overlap, and often do")
  }

  @Test func digitsAreMeansOfFourPixelsAndTheBrighterOneIsSeen() throws {
    let bright = DigitSet(pictures: [UInt8](repeating: 204, count: 784))
    let clip = FlyingDigits(bright, objects: 2, frames: 30, seed: 2).sequence(0)
    #expect(Set(clip.features) == [0, 0.8])
    let (lit, owned) = (clip.features.filter { $0 > 0 }.count, clip.groups.filter { $0 != 0 }.count)
    #expect(lit > owned && lit - owned < 30 * 196, "two pictures of 14×14 overlap in 24×24")
    let faint = DigitSet(pictures: [UInt8](repeating: 20, count: 784))
    let night = FlyingDigits(faint, objects: 2, frames: 2, seed: 2).sequence(0)
    #expect(night.groups.allSatisfy { $0 == 0 } && night.features.contains { $0 > 0 })
  }
}
