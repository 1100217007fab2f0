import CFFmpeg
import Kernels

/// Writes pictures as a video that gives back every value: FFV1 in Matroska, gray or 4:4:4, at a constant rate. Not for
/// use from two threads at once.
public final class LosslessVideoWriter {
  private let path: String
  private let width: Int
  private let height: Int
  private let planeCount: Int
  private let encoder: EncoderSession
  private let file: MuxedFile
  private var frames: Int64 = 0

  /// Creates the file, replacing one of that name. Throws `cannotCreate`, or `writeFailed` on a full disk.
  ///
  /// - Parameters:
  ///   - isGray: one plane for each picture, else Y, Cb and Cr.
  ///   - isFullRange: whether black is 0 and white 255; otherwise 16 and 235.
  public init(
    path: String, width: Int, height: Int, isGray: Bool, isFullRange: Bool, frameRate: Rational
  ) throws(VideoError) {
    let format = isGray ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_YUV444P
    let encoder = EncoderSession.ffv1(width: width, height: height, format: format) { context in
      context.pointee.color_range = isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
    }
    guard let encoder else { throw .cannotCreate(path, reason: "FFV1 cannot encode \(width)×\(height) pixels") }
    let context = encoder.context
    file = try MuxedFile(
      path: path, format: "matroska",
      timeBase: AVRational(Rational(numerator: frameRate.denominator, denominator: frameRate.numerator)),
      frameRate: AVRational(frameRate), title: nil, options: []
    ) { avcodec_parameters_from_context($0, context) }
    self.encoder = encoder
    (self.path, self.width, self.height, planeCount) = (path, width, height, isGray ? 1 : 3)
  }

  deinit { try? close() }

  /// Appends one picture: one plane if gray, else three, all of the video's size.
  public func write(_ planes: [Image<UInt8>]) throws(VideoError) {
    precondition(planes.count == planeCount && planes.allSatisfy { $0.width == width && $0.height == height })
    for (index, plane) in planes.enumerated() {
      let target = encoder.plane(index)
      plane.pixels.withUnsafeBufferPointer { pixels in
        for y in 0..<height {
          (target.start + y * target.stride).update(from: pixels.baseAddress! + y * width, count: width)
        }
      }
    }
    let time = file.rescale(frames)
    var bytes = try encoder.encodeOne(pts: time, subject: path)
    let result = bytes.withUnsafeMutableBufferPointer { frame in
      Result { () throws(VideoError) in try file.write(frame, pts: time, dts: time, duration: 0, isKey: true) }
    }
    try result.get()
    frames += 1
  }

  /// Writes the index and closes the file; does nothing the second time.
  public func close() throws(VideoError) { try file.close() }
}

extension VideoFrame {
  /// Its planes as pictures of the frame's size; chroma that is stored smaller is repeated.
  public func fullPlanes() -> [Image<UInt8>] {
    (0..<planeCount).map { plane in
      guard plane > 0 else { return luma() }
      var picture = Image<UInt8>(width: width, height: height, fill: 0)
      withPlane(plane) { pixels, stride in
        for y in 0..<height {
          for x in 0..<width { picture[x, y] = pixels[(y >> chromaShiftY) * stride + (x >> chromaShiftX)] }
        }
      }
      return picture
    }
  }
}
