import Kernels

/// A picture with the id of the object at each pixel: 0 for none, `ObjectLayers.unknown` where nobody knows.
public struct LabelledPicture: Sendable, Equatable {
  /// One plane of luma, or luma, Cb and Cr, all of one size.
  public var planes: [Image<UInt8>]
  /// The ids, of the planes' size.
  public var ids: Image<UInt16>

  /// A picture of planes and ids of one size.
  public init(planes: [Image<UInt8>], ids: Image<UInt16>) {
    precondition(planes.allSatisfy { $0.width == ids.width && $0.height == ids.height }, "sizes differ")
    (self.planes, self.ids) = (planes, ids)
  }

  /// The picture with left and right exchanged.
  public var mirrored: LabelledPicture {
    LabelledPicture(planes: planes.map(\.mirrored), ids: ids.mirrored)
  }

  /// The picture with the objects of another one of its size pasted in front, their ids raised by `offset`.
  ///
  /// - Returns: the composite, and what can be told of it: objects of the one picture that those of the other hide.
  public func covered(
    by front: LabelledPicture, raisingIDs offset: UInt16
  ) -> (picture: LabelledPicture, facts: FrameFacts) {
    precondition(front.planes.count == planes.count && front.ids.width == ids.width && front.ids.height == ids.height)
    var pasted = front.ids
    var planes = planes
    for (pixel, id) in front.ids.pixels.enumerated() {
      guard id != 0, id != ObjectLayers.unknown else {
        pasted.pixels[pixel] = 0
        continue
      }
      pasted.pixels[pixel] = id + offset
      for plane in planes.indices { planes[plane].pixels[pixel] = front.planes[plane].pixels[pixel] }
    }
    var layers = ObjectLayers(width: ids.width, height: ids.height)
    layers.add(ids)
    layers.add(pasted)
    return (LabelledPicture(planes: planes, ids: layers.owner), layers.facts)
  }
}

extension Image {
  /// The picture with left and right exchanged.
  var mirrored: Image {
    var mirrored = self
    for y in 0..<height {
      for x in 0..<width { mirrored.pixels[y * width + x] = pixels[y * width + width - 1 - x] }
    }
    return mirrored
  }
}
