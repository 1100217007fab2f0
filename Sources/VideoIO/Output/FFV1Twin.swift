import Kernels

/// Both encoders of mask frames side by side, for tests and benchmarks.
package final class FFV1Twin {
  private var own: FFV1MaskEncoder
  private let reference: EncoderSession

  /// Nil if this libavcodec's frames cannot be reproduced.
  package init?(width: Int, height: Int) {
    guard let template = FFV1Template.of(width: width, height: height), let own = FFV1MaskEncoder(template),
      let reference = FFV1Template.reference(width: width, height: height)
    else { return nil }
    self.own = own
    self.reference = reference
  }

  /// One frame by our encoder; `bounds` as in `MaskStreamWriter.write`.
  package func encodeOwn(_ mask: Image<UInt8>, bounds: PixelRect? = nil) throws(VideoError) -> [UInt8] {
    var bytes: [UInt8] = []
    let result = mask.pixels.withUnsafeBufferPointer { pixels in
      Result { () throws(VideoError) in
        let box = bounds ?? PixelRect(x: 0, y: 0, width: mask.width, height: mask.height)
        try own.encode(pixels, box: box) { bytes = Array($0) }
      }
    }
    try result.get()
    return bytes
  }

  /// The same frame by libavcodec.
  package func encodeReference(_ mask: Image<UInt8>) throws(VideoError) -> [UInt8] {
    let result = mask.pixels.withUnsafeBufferPointer { pixels in
      Result { () throws(VideoError) in try reference.encodeGray(pixels, pts: 0, subject: "FFV1") }
    }
    return try result.get()
  }
}

/// Both encoders of label frames side by side, for tests.
package final class FFV1LabelTwin {
  private var own: FFV1LabelEncoder
  private let reference: EncoderSession

  /// Nil if this libavcodec's frames cannot be reproduced.
  package init?(width: Int, height: Int) {
    guard let own = FFV1LabelEncoder(width: width, height: height),
      let reference = FFV1LabelEncoder.reference(width: width, height: height)
    else { return nil }
    self.own = own
    self.reference = reference
  }

  /// One frame by our encoder.
  package func encodeOwn(_ labels: Image<Int32>) throws(VideoError) -> [UInt8] {
    var bytes: [UInt8] = []
    try own.encode(labels) { bytes = Array($0) }
    return bytes
  }

  /// The same frame by libavcodec.
  package func encodeReference(_ labels: Image<Int32>) throws(VideoError) -> [UInt8] {
    try reference.encodeLabels(labels, pts: 0, subject: "FFV1")
  }
}
