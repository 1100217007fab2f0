import Kernels

/// The objects of one frame as masks that are laid over each other, from far to near.
public struct ObjectLayers: Sendable {
  /// A moving pixel whose object is not known. It hides what is behind it and is never part of a fact.
  public static let unknown = UInt16.max
  /// The id of the object in front at each pixel, 0 for none.
  public private(set) var owner: Image<UInt16>
  private var present: Set<UInt16> = []
  private var covers: [UInt16: Set<UInt16>] = [:]

  /// A frame without objects.
  public init(width: Int, height: Int) {
    owner = Image(width: width, height: height, fill: 0)
  }

  /// Lays one object over those before; id 0 is scenery that hides them.
  public mutating func add(_ id: UInt16, pixels: some Sequence<Int>) {
    for pixel in pixels { put(id, pixel) }
    present.insert(id)
  }

  /// Lays all objects of a mask over those before, where it is not 0.
  public mutating func add(_ mask: Image<UInt16>) {
    for (pixel, id) in mask.pixels.enumerated() where id != 0 {
      put(id, pixel)
      present.insert(id)
    }
  }

  private mutating func put(_ id: UInt16, _ pixel: Int) {
    let behind = owner.pixels[pixel]
    owner.pixels[pixel] = id
    if behind != 0, behind != id { covers[behind, default: []].insert(id) }
  }

  /// The ids of all pixels. Most have their neighbour's, which need not be looked up again.
  private var owners: Set<UInt16> {
    var owners: Set<UInt16> = []
    var last: UInt16 = 0
    for id in owner.pixels where id != last {
      owners.insert(id)
      last = id
    }
    return owners
  }

  /// What can be told of the frame.
  public var facts: FrameFacts {
    let known = present.subtracting([0, Self.unknown])
    let visible = owners.intersection(known)
    let hidden = covers.filter { known.contains($0.key) && !visible.contains($0.key) }
    var overlaps: Set<IDPair> = []
    for id in known {
      for other in covers[id] ?? [] where known.contains(other) { overlaps.insert(IDPair(id, other)) }
    }
    return FrameFacts(visible: visible, hidden: hidden, overlaps: overlaps)
  }
}

/// Two objects, whichever comes first.
public struct IDPair: Hashable, Sendable {
  let lesser: UInt16
  let greater: UInt16

  init(_ a: UInt16, _ b: UInt16) { (lesser, greater) = (min(a, b), max(a, b)) }
}

/// Which objects of a frame can be seen.
public struct FrameFacts: Sendable {
  /// Objects with pixels of their own.
  public var visible: Set<UInt16> = []
  /// Objects that lie in the picture but are covered wholly, with what covers them; 0 is scenery.
  public var hidden: [UInt16: Set<UInt16>] = [:]
  /// Objects of which one covers pixels of the other.
  public var overlaps: Set<IDPair> = []
}
