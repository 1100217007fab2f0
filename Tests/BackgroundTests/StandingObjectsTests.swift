import Background
import Kernels
import Testing

@Suite struct StandingObjectsTests {
  private let width = 160
  private let height = 96
  private let box = PixelRect(x: 60, y: 40, width: 30, height: 20)

  /// A textured wall in enough light; with `inside` another one in the box; all moved to the right.
  private func frame(_ index: Int, inside: Bool, moved: Int = 0) -> Image<UInt8> {
    var frame = Image<UInt8>(width: width, height: height, fill: 0)
    var noise = RandomSource(seed: UInt64(index))
    for y in 0..<height {
      for x in 0..<width {
        let u = x - moved
        let isInside = inside && box.x..<box.x + box.width ~= u && box.y..<box.y + box.height ~= y
        let wall = 110 + (u + 200) / 8 * 37 % 24 + y / 8 * 53 % 24
        frame[x, y] = UInt8(Float(isInside ? wall + 70 : wall) + noise.uniform(-3, 3))
      }
    }
    return frame
  }

  /// The box on a grid of cells of two pixels.
  private func standing(arrived: Bool, moved: Int = 0) -> StandingObjects {
    var cells = Image<Int32>(width: width / 2, height: height / 2, fill: 0)
    let (left, top) = ((box.x + moved) / 2, box.y / 2)
    for y in top - 1...top + box.height / 2 {
      for x in left - 1...left + box.width / 2 {
        let isInside = top..<top + box.height / 2 ~= y && left..<left + box.width / 2 ~= x
        cells[x, y] = isInside ? 7 : -7
      }
    }
    return StandingObjects(cells: cells, arrived: arrived ? [7] : [], lag: 8)
  }

  private func found(_ mask: Image<UInt8>, moved: Int = 0) -> Int {
    (box.y..<box.y + box.height).reduce(0) { sum, y in
      sum + (box.x + moved..<box.x + moved + box.width).count { mask[$0, y] == 255 }
    }
  }

  private func model(seesBox: Bool) throws -> BackgroundSubtractor {
    try BackgroundSubtractor(firstFrames: (0..<20).map { frame($0, inside: seesBox) })
  }

  @Test func onlyWhatStandsIsNotLearned() throws {
    let (guarded, plain) = (try model(seesBox: false), try model(seesBox: false))
    var counts = (guarded: 0, plain: 0)
    for index in 20..<620 {
      let frame = frame(index, inside: true)
      let (mask, other) = (
        guarded.mask(of: frame, standing: standing(arrived: true)), plain.mask(of: frame)
      )
      counts = (found(mask), found(other))
    }
    #expect(counts.guarded > 580 && counts.plain == 0)
    // Beyond the box and what is averaged over its border both know the same.
    let (mine, other) = (guarded.withEvidence { Array($0) }, plain.withEvidence { Array($0) })
    for y in 0..<height { #expect(mine[y * width..<y * width + 50] == other[y * width..<y * width + 50]) }
  }

  /// Nothing is kept out for ever: after 32 times the frames that it takes otherwise.
  @Test func whatStandsIsLearnedInTheEnd() throws {
    let model = try model(seesBox: false)
    var counts: [Int] = []
    for index in 20..<9000 {
      counts.append(found(model.mask(of: frame(index % 97, inside: true), standing: standing(arrived: true))))
    }
    #expect(counts[3000] > 580 && counts.last! == 0)
  }

  @Test(arguments: [false, true]) func aHoleIsFilled(_ arrived: Bool) throws {
    let model = try model(seesBox: true)
    var counts: [Int] = []
    for index in 20..<60 {
      counts.append(found(model.mask(of: frame(index, inside: false), standing: standing(arrived: arrived))))
    }
    #expect(counts[0] > 580 && counts.last! == 0)
  }

  /// The objects are where the frame was when they were seen, and the background is elsewhere.
  @Test func aShakingCameraIsUndone() throws {
    let model = try model(seesBox: false)
    var last = 0
    for index in 20..<400 {
      let moved = [-8, 0, 8][index % 3]
      let seen = index >= 28 ? [-8, 0, 8][(index - 8) % 3] : 0
      let objects = index < 28 ? nil : standing(arrived: true, moved: seen)
      last = found(model.mask(of: frame(index, inside: true, moved: moved), standing: objects), moved: moved)
    }
    #expect(last > 550)
  }

  /// An even part that darkens the wall as a shadow does belongs to the object whose parts are around it.
  @Test func whatIsBetweenAnObjectsPartsIsNoShadow() throws {
    let inner = PixelRect(x: box.x + 8, y: box.y + 4, width: box.width - 16, height: box.height - 8)
    var objects = standing(arrived: true)
    for y in inner.y / 2..<(inner.y + inner.height) / 2 {
      for x in inner.x / 2..<(inner.x + inner.width) / 2 { objects.cells[x, y] = -7 }
    }
    func shares(_ objects: StandingObjects?) throws -> Int {
      let model = try model(seesBox: false)
      var count = 0
      for index in 20..<30 {
        var frame = frame(index, inside: true)
        let wall = self.frame(index, inside: false)
        for y in inner.y..<inner.y + inner.height {
          for x in inner.x..<inner.x + inner.width { frame[x, y] = UInt8(Float(wall[x, y]) * 0.8) }
        }
        let mask = model.mask(of: frame, standing: objects)
        count = (inner.y..<inner.y + inner.height).reduce(0) { sum, y in
          sum + (inner.x..<inner.x + inner.width).count { mask[$0, y] == 255 }
        }
      }
      return count
    }
    let (alone, standing) = (try shares(nil), try shares(objects))
    let all = inner.width * inner.height
    #expect(alone < all / 2 && standing == all, "\(alone) and \(standing) of \(all)")
  }

  /// Clothes that darken the wall evenly are counted when they come, not for as long as they stay.
  @Test func clothesOfSomebodyWhoWaitsDoNotBecomeTheShadow() {
    var model = ShadowModel.Reference(width: 64, height: 64, brightness: .full)
    let mean = [UInt16](repeating: 200 << 8, count: 64 * 64)
    var luma = Image<UInt8>(width: 64, height: 64, fill: 200)
    var person = Image<UInt8>(width: 64, height: 64, fill: 0)
    for y in 8..<56 {
      for x in 20..<44 {
        luma[x, y] = y < 32 ? 120 : UInt8(20 + x * y * 7 % 120)
        person[x, y] = 255
      }
    }
    // The first frame is counted, and the second is not.
    var mask = Image<UInt8>(width: 64, height: 64, fill: 0)
    mask[60, 60] = 255
    model.remove(from: &mask, luma: luma, gain: 1, mean: mean)
    for _ in 0..<400 {
      mask = person
      model.remove(from: &mask, luma: luma, gain: 1, mean: mean)
    }
    let kept = mask.pixels.count { $0 == 255 }
    #expect(kept > 1100, "\(kept) of 1152 pixels")
  }
}
