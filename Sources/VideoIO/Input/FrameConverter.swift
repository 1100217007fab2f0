import CFFmpeg
import Kernels

/// Brings decoded frames into the one form that is delivered: 8-bit planar, upright, with the chroma resolution of the
/// first frame and its size, perhaps reduced, and without what is to be concealed.
/// Frames that have that form already are passed through untouched.
final class FrameConverter {
  /// Width and height as delivered.
  let deliveredSize: (width: Int, height: Int)
  private let orientation: Orientation
  /// 8-bit planar, and such that FFmpeg has a format for it turned on its side if that is needed.
  private let format: AVPixelFormat
  private let layout: PixelLayout
  private let concealed: ConcealedArea?
  /// Where values of 16 bits lie; nil before the first frame that has them.
  private(set) var values: ValueRange?
  /// Where they lay before.
  private var formerValues: ValueRange?
  private let formatScaler = Scaler()
  private let sizeScaler = Scaler()

  /// A converter for frames like the first one, which has a stored size and format. `reduction` divides width and height.
  init(
    orientation: Orientation, width: Int32, height: Int32, format: AVPixelFormat, concealed: Image<UInt8>? = nil,
    reduction: Int = 1
  ) {
    self.orientation = orientation
    let (across, down) = orientation.isTransposed ? (Int(height), Int(width)) : (Int(width), Int(height))
    deliveredSize = (max(1, across / reduction), max(1, down / reduction))
    self.concealed = concealed.map(ConcealedArea.init)
    let stored = PixelLayout(format)
    let turnable = !orientation.isTransposed || stored.transposedFormat != nil
    self.format = turnable ? stored.directFormat : AV_PIX_FMT_YUV444P
    layout = PixelLayout(self.format)
  }

  /// The frame in its delivered form; nil where it cannot be converted.
  func convert(_ frame: consuming FrameHandle) -> FrameHandle? {
    var direct = frame
    if let gray = values?.narrowed(direct) { direct = gray }
    let stored = PixelLayout(direct.format)
    if !(stored.isDirect && stored.hasSampling(of: layout)) {
      let size = (width: Int32(direct.width), height: Int32(direct.height))
      guard let made = formatScaler.scale(direct, to: format, width: size.width, height: size.height) else {
        return nil
      }
      direct = made
    }
    guard let upright = upright(direct) else { return nil }
    if let concealed {
      // The decoder may still need its own copy.
      guard av_frame_make_writable(upright.pointer) >= 0 else { return nil }
      concealed.conceal(upright)
    }
    if upright.width == deliveredSize.width && upright.height == deliveredSize.height { return upright }
    return sizeScaler.scale(
      upright, to: upright.format, width: Int32(deliveredSize.width), height: Int32(deliveredSize.height))
  }

  /// Looks where the values of a frame of 16 bits lie, unless that is known and still holds for most of it; those of two
  /// lights in turn are taken together. Returns whether anything has changed.
  func follow(_ frame: borrowing FrameHandle) -> Bool {
    guard ValueRange.isWide(frame.format) else { return false }
    let pixels = visible(ImageFile.wide(frame))
    guard values?.holds(for: pixels) != true else { return false }
    var found = ValueRange(of: pixels)
    if let values, let formerValues, formerValues.holds(for: pixels) { found = values.joined(with: formerValues) }
    defer { (formerValues, values) = (values, found) }
    return found != values
  }

  /// The values that are not concealed: the others must not decide what the rest looks like. Of a turned picture none,
  /// because the area is that of the upright one.
  private func visible(_ stored: Image<UInt16>) -> [UInt16] {
    guard let concealed else { return stored.pixels }
    return orientation.isIdentity ? concealed.visible(stored) : []
  }

  private func upright(_ frame: consuming FrameHandle) -> FrameHandle? {
    if orientation.isIdentity { return frame }
    let layout = PixelLayout(frame.format)
    let format = orientation.isTransposed ? layout.transposedFormat : layout.directFormat
    let (width, height) = (frame.width, frame.height)
    let size = orientation.isTransposed ? (width: height, height: width) : (width: width, height: height)
    guard let format, let turned = FrameHandle(format: format, width: Int32(size.width), height: Int32(size.height))
    else { return nil }
    for plane in 0..<(layout.isGray ? 1 : 3) {
      let (shiftX, shiftY) = plane == 0 ? (0, 0) : (layout.chromaShiftX, layout.chromaShiftY)
      orientation.copy(
        from: frame.plane(plane), width: (width + (1 << shiftX) - 1) >> shiftX,
        height: (height + (1 << shiftY) - 1) >> shiftY, to: turned.plane(plane))
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
    let wanted = [
      source.width, source.height, source.format, source.color_range.rawValue.signed, width, height, format.rawValue,
    ]
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
