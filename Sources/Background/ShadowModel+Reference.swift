import CKernels
import Kernels

extension ShadowModel {
  /// The plain twin of `ShadowModel`: whole pictures, one pixel after the other, the same results bit for bit.
  package struct Reference {
    private static let tile = Int(NEM_SHADOW_TILE)
    private let width: Int, height: Int
    private let brightness: BrightnessRange
    private var histogram: [Float]
    private var frames = 0
    private var binsBefore: [Int?]

    package init(width: Int, height: Int, brightness: BrightnessRange) {
      self.brightness = brightness
      (self.width, self.height) = (width, height)
      histogram = ShadowModel.prior(pixels: width * height)
      binsBefore = Array(repeating: nil, count: width * height)
    }

    /// Pixels of `mask` that are shadow become 0; `mean` is the background's brightness · 256.
    package mutating func remove(from mask: inout Image<UInt8>, luma: Image<UInt8>, gain: Float, mean: [UInt16]) {
      let bins = bins(mask, luma, gain, mean)
      let new = zip(bins, binsBefore).map { $1 == nil ? $0 : nil }
      binsBefore = bins
      guard mask.pixels.contains(255) else { return }
      let learns = ShadowModel.learns(frame: frames)
      frames += 1
      if learns {
        let counts = histogram.indices.map { bin in new.count { $0 == bin } }
        histogram = ShadowModel.learned(histogram, counts, pixels: width * height)
      }
      let isShadow = ShadowModel.prominent(histogram)
      var kept = mask
      for y in 0..<height {
        for x in 0..<width where mask[x, y] == 255 {
          var votes = 0
          for row in max(y - 4, 0)...min(y + 4, height - 1) {
            for column in max(x - 4, 0)...min(x + 4, width - 1) where mask[column, row] == 255 {
              votes += bins[row * width + column].map { isShadow[$0] } ?? false ? 1 : -1
            }
          }
          if votes > 0 { kept[x, y] = 0 }
        }
      }
      restoreOwnerless(mask, &kept, Self.dark(bins, isShadow))
      mask = kept
    }

    /// The bin of each pixel that can be shadow.
    private func bins(_ mask: Image<UInt8>, _ luma: Image<UInt8>, _ gain: Float, _ mean: [UInt16]) -> [Int?] {
      let lumaLogs = BrightnessLogs.table(brightness, gain: gain)
      let meanLogs = BrightnessLogs.table(brightness, gain: 1)
      func ratio(_ x: Int, _ y: Int) -> Int {
        let (column, row) = (min(max(x, 0), width - 1), min(max(y, 0), height - 1))
        let grey = min((Int(mean[row * width + column]) + 128) / 256, 255)
        return Int(lumaLogs[Int(luma[column, row])]) - Int(meanLogs[grey])
      }
      return mask.pixels.indices.map { pixel in
        guard mask.pixels[pixel] == 255 else { return nil }
        let (x, y) = (pixel % width, pixel / width)
        let ratios = (y - 1...y + 1).flatMap { row in (x - 1...x + 1).map { ratio($0, row) } }
        let sum = ratios.reduce(0, +)
        let limit = Int(ShadowModel.spread * BrightnessLogs.unit)
        guard 9 * ratios.reduce(0, { $0 + $1 * $1 }) - sum * sum < 81 * limit * limit else { return nil }
        let above = sum + histogram.count * Int(NEM_SHADOW_BIN_WIDTH)
        return sum < 0 && above >= 0 ? above / Int(NEM_SHADOW_BIN_WIDTH) : nil
      }
    }

    /// Whether each pixel is of about a shadow's darkness.
    private static func dark(_ bins: [Int?], _ isShadow: [Bool]) -> [Bool] {
      bins.map { bin in
        bin.map { bin in isShadow.indices.contains { isShadow[$0] && abs($0 - bin) <= ShadowOwner.reach } } ?? false
      }
    }

    /// Groups of tiles without an owner keep all of their foreground.
    private func restoreOwnerless(_ mask: Image<UInt8>, _ kept: inout Image<UInt8>, _ isDark: [Bool]) {
      let (columns, rows) = ((width + Self.tile - 1) / Self.tile, (height + Self.tile - 1) / Self.tile)
      var groups = (0..<columns * rows).map { tile in
        pixels(of: tile, columns).contains { mask.pixels[$0] == 255 } ? tile : -1
      }
      // The smallest number among neighbours spreads until nothing changes.
      var isStable = false
      while !isStable {
        isStable = true
        for tile in groups.indices where groups[tile] >= 0 {
          var neighbours: [Int] = []
          if tile % columns > 0 { neighbours.append(tile - 1) }
          if tile % columns + 1 < columns { neighbours.append(tile + 1) }
          if tile >= columns { neighbours.append(tile - columns) }
          if tile + columns < groups.count { neighbours.append(tile + columns) }
          for other in neighbours where groups[other] >= 0 && groups[other] < groups[tile] {
            groups[tile] = groups[other]
            isStable = false
          }
        }
      }
      for group in Set(groups) where group >= 0 {
        let tiles = groups.indices.filter { groups[$0] == group }.map { pixels(of: $0, columns) }
        let members = tiles.flatMap { $0 }
        let had = members.count { mask.pixels[$0] == 255 }
        let keeps = members.count { kept.pixels[$0] == 255 }
        let inside = tiles.filter { tile in tile.count { mask.pixels[$0] == 255 } == Self.tile * Self.tile }
        let dark = inside.joined().count { isDark[$0] }
        let isDarkInside =
          inside.count >= ShadowOwner.tiles
          && Double(dark) > ShadowOwner.darkShare * Double(inside.count) * Double(Self.tile * Self.tile)
        if Double(keeps) < ShadowOwner.share * Double(had) || isDarkInside {
          for pixel in members { kept.pixels[pixel] = mask.pixels[pixel] }
        }
      }
    }

    private func pixels(of tile: Int, _ columns: Int) -> [Int] {
      let (top, left) = (tile / columns * Self.tile, tile % columns * Self.tile)
      return (top..<min(top + Self.tile, height)).flatMap { y in
        (left..<min(left + Self.tile, width)).map { y * width + $0 }
      }
    }
  }
}
