import CFFmpeg

/// Brings decoded frames into the one form that is delivered: 8-bit planar, upright, and with the size and the chroma
/// resolution of the first frame.
/// Frames that have that form already are passed through untouched.
final class FrameConverter {
  private let orientation: Orientation
  /// Stored size of the first frame in pixels.
  private let width: Int32
  private let height: Int32
  /// 8-bit planar, and such that FFmpeg has a format for it turned on its side if that is needed.
  private let format: AVPixelFormat
  private let layout: PixelLayout
  private let scaler = Scaler()

  /// A converter for frames like the first one, which has a stored size and format.
  init(orientation: Orientation, width: Int32, height: Int32, format: AVPixelFormat) {
    self.orientation = orientation
    self.width = width
    self.height = height
    let stored = PixelLayout(format)
    let turnable = !orientation.isTransposed || stored.transposedFormat != nil
    self.format = turnable ? stored.directFormat : AV_PIX_FMT_YUV444P
    layout = PixelLayout(self.format)
  }

  /// Width and height as delivered.
  var deliveredSize: (width: Int, height: Int) {
    orientation.isTransposed ? (Int(height), Int(width)) : (Int(width), Int(height))
  }

  /// The frame in its delivered form; nil where it cannot be converted.
  func convert(_ frame: consuming FrameHandle) -> FrameHandle? {
    let stored = PixelLayout(frame.format)
    let sameSize = frame.pointer.pointee.width == width && frame.pointer.pointee.height == height
    if stored.isDirect && sameSize && stored.hasSampling(of: layout) { return upright(frame) }
    guard let converted = scaler.scale(frame, to: format, width: width, height: height) else { return nil }
    return upright(converted)
  }

  private func upright(_ frame: consuming FrameHandle) -> FrameHandle? {
    if orientation.isIdentity { return frame }
    let layout = PixelLayout(frame.format)
    let format = orientation.isTransposed ? layout.transposedFormat : layout.directFormat
    let size = deliveredSize
    guard let format, let turned = FrameHandle(format: format, width: Int32(size.width), height: Int32(size.height))
    else { return nil }
    for plane in 0..<(layout.isGray ? 1 : 3) {
      let (shiftX, shiftY) = plane == 0 ? (0, 0) : (layout.chromaShiftX, layout.chromaShiftY)
      orientation.copy(
        from: frame.plane(plane), width: (Int(width) + (1 << shiftX) - 1) >> shiftX,
        height: (Int(height) + (1 << shiftY) - 1) >> shiftY, to: turned.plane(plane))
    }
    av_frame_copy_props(turned.pointer, frame.pointer)
    if layout.isFullRange { turned.pointer.pointee.color_range = AVCOL_RANGE_JPEG }
    return turned
  }
}

/// Converts pixel formats and sizes with swscale, and keeps the context between frames of the same kind.
final class Scaler {
  private var context: ScalerHandle?
  private var key: [Int32] = []

  /// A converted copy with the same value range: 0…255 stays 0…255, 16…235 stays 16…235, and colours without luma get
  /// full-range luma by ITU-R BT.601. The result is exact for any CPU. Nil where swscale refuses.
  func scale(
    _ frame: borrowing FrameHandle, to format: AVPixelFormat, width: Int32, height: Int32
  ) -> FrameHandle? {
    let source = frame.pointer.pointee
    guard let output = FrameHandle(format: format, width: width, height: height),
      prepare(source, to: format, width: width, height: height), let context = context?.pointer,
      sws_scale_frame(context, output.pointer, frame.pointer) >= 0
    else { return nil }
    av_frame_copy_props(output.pointer, frame.pointer)
    if PixelLayout(frame.format).isFullRange { output.pointer.pointee.color_range = AVCOL_RANGE_JPEG }
    return output
  }

  private func prepare(_ source: AVFrame, to format: AVPixelFormat, width: Int32, height: Int32) -> Bool {
    let wanted = [source.width, source.height, source.format, source.color_range.rawValue.signed, width, height]
    if wanted == key, context != nil { return true }
    let flags = SWS_BILINEAR | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT
    guard
      let made = sws_getContext(
        source.width, source.height, AVPixelFormat(rawValue: source.format), width, height, format, flags, nil, nil, nil
      )
    else { return false }
    let full: Int32 =
      source.color_range == AVCOL_RANGE_JPEG || PixelLayout(AVPixelFormat(rawValue: source.format)).isFullRange ? 1 : 0
    let table = sws_getCoefficients(SWS_CS_ITU601)
    sws_setColorspaceDetails(made, table, full, table, full, 0, 1 << 16, 1 << 16)
    context = ScalerHandle(made)
    key = wanted
    return true
  }
}

extension UInt32 {
  fileprivate var signed: Int32 { Int32(truncatingIfNeeded: self) }
}
