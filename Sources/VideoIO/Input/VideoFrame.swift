import CFFmpeg
import Foundation
import Kernels

/// One decoded picture: 8-bit planar YUV, or gray. Plane 0 is luma, planes 1 and 2 are Cb and Cr, each chroma plane
/// `ceil(size / 2^shift)` pixels large. The pixels never change after creation, so any thread may read them.
public final class VideoFrame: @unchecked Sendable {
  /// Position in the stream as delivered, from 0.
  public let index: Int
  /// Presentation time in ticks of `VideoInfo.timeBase`.
  public let timestamp: Int64
  /// Presentation time in seconds.
  public let pts: Double
  /// When it was decoded, by the clock of the day.
  public let arrived = Date()
  /// How often, up to this frame, the picture changed so much that what was learned from it is void.
  public let scene: Int
  /// Width of the luma plane in pixels.
  public let width: Int
  /// Height of the luma plane in pixels.
  public let height: Int
  /// Whether the frame has luma only.
  public let isGray: Bool
  /// Binary logarithm of luma columns per chroma column.
  public let chromaShiftX: Int
  /// Binary logarithm of luma rows per chroma row.
  public let chromaShiftY: Int
  /// Whether values fill 0…255; otherwise black is 16 and white 235.
  public let isFullRange: Bool
  /// How colours became luma and chroma, a code point of ITU-T H.273.
  let matrix: Int
  /// The name of the file that a picture came from; nil for frames of a video.
  public let name: String?
  private let storage: FrameHandle

  /// Takes over a frame in a format that `PixelLayout.isDirect` accepts.
  init(_ storage: consuming FrameHandle, index: Int, timestamp: Int64, pts: Double, scene: Int) {
    let layout = PixelLayout(storage.format)
    precondition(layout.isDirect, "frames are 8-bit planar")
    self.index = index
    self.timestamp = timestamp
    self.pts = pts
    self.scene = scene
    width = Int(storage.pointer.pointee.width)
    height = Int(storage.pointer.pointee.height)
    isGray = layout.isGray
    chromaShiftX = layout.chromaShiftX
    chromaShiftY = layout.chromaShiftY
    isFullRange = storage.pointer.pointee.color_range == AVCOL_RANGE_JPEG || layout.isFullRange
    matrix = Int(storage.pointer.pointee.colorspace.rawValue)
    name = storage.pictureName
    self.storage = storage
  }

  /// A gray frame with a copy of the given luma.
  public convenience init(luma: Image<UInt8>, index: Int = 0, timestamp: Int64 = 0, pts: Double = 0, scene: Int = 0) {
    guard let frame = FrameHandle(format: AV_PIX_FMT_GRAY8, width: Int32(luma.width), height: Int32(luma.height))
    else { fatalError("a frame of \(luma.width)x\(luma.height) cannot be allocated") }
    let stride = Int(frame.pointer.pointee.linesize.0)
    luma.pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<luma.height {
        frame.pointer.pointee.data.0!.advanced(by: row * stride)
          .update(from: pixels.baseAddress! + row * luma.width, count: luma.width)
      }
    }
    self.init(frame, index: index, timestamp: timestamp, pts: pts, scene: scene)
  }

  /// Memory of its planes in bytes, padding aside.
  public var byteCount: Int {
    (0..<planeCount).reduce(0) { $0 + planeSize($1).width * planeSize($1).height }
  }

  /// Number of planes: 1 or 3.
  public var planeCount: Int { isGray ? 1 : 3 }

  /// Width and height in pixels of one plane.
  public func planeSize(_ plane: Int) -> (width: Int, height: Int) {
    plane == 0
      ? (width, height)
      : ((width + (1 << chromaShiftX) - 1) >> chromaShiftX, (height + (1 << chromaShiftY) - 1) >> chromaShiftY)
  }

  /// Lends one plane: row `y` begins at `y · stride`, and the buffer ends with the last pixel of the last row.
  public func withPlane<R>(
    _ plane: Int, _ body: (UnsafeBufferPointer<UInt8>, _ stride: Int) throws -> R
  ) rethrows -> R {
    precondition(0..<planeCount ~= plane, "the frame has no such plane")
    let size = planeSize(plane)
    let data = storage.plane(plane)
    let count = data.stride * (size.height - 1) + size.width
    return try withExtendedLifetime(self) {
      try body(UnsafeBufferPointer(start: data.start, count: count), data.stride)
    }
  }

  /// The luma plane as a picture without padding, copied.
  public func luma() -> Image<UInt8> {
    withPlane(0) { pixels, stride in
      let packed = [UInt8](unsafeUninitializedCapacity: width * height) { buffer, count in
        for row in 0..<height {
          (buffer.baseAddress! + row * width).initialize(from: pixels.baseAddress! + row * stride, count: width)
        }
        count = width * height
      }
      return Image(width: width, height: height, pixels: packed)
    }
  }
}

extension FrameHandle {
  private static let pictureKey = "nem-stream picture"

  /// The name of the file that a picture came from; it stays with copies of the frame.
  var pictureName: String? {
    get { av_dict_get(pointer.pointee.metadata, Self.pictureKey, nil, 0).map { String(cString: $0.pointee.value) } }
    nonmutating set { av_dict_set(&pointer.pointee.metadata, Self.pictureKey, newValue, 0) }
  }

  /// First byte and bytes per row of plane 0, 1 or 2.
  func plane(_ index: Int) -> (start: UnsafeMutablePointer<UInt8>, stride: Int) {
    let frame = pointer.pointee
    return switch index {
    case 0: (frame.data.0!, Int(frame.linesize.0))
    case 1: (frame.data.1!, Int(frame.linesize.1))
    default: (frame.data.2!, Int(frame.linesize.2))
    }
  }
}
