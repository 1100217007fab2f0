import CFFmpeg

/// What matters about one of FFmpeg's pixel formats: can its planes be used where they lie, and if not, what to convert
/// it to.
struct PixelLayout {
  let chromaShiftX: Int
  let chromaShiftY: Int
  /// One or two components: luma, perhaps alpha.
  let isGray: Bool
  /// Eight bits per sample and luma, Cb, Cr in planes of their own (or luma alone).
  let isDirect: Bool
  /// Red, green, blue in whatever order, or a palette of such colours.
  let isRGB: Bool

  init(_ format: AVPixelFormat) {
    guard let description = av_pix_fmt_desc_get(format)?.pointee else {
      (chromaShiftX, chromaShiftY, isGray, isDirect, isRGB, isFullRange) = (0, 0, false, false, false, false)
      return
    }
    let flags = Int64(bitPattern: description.flags)
    func has(_ flag: Int32) -> Bool { flags & Int64(flag) != 0 }
    isRGB = has(AV_PIX_FMT_FLAG_RGB) || has(AV_PIX_FMT_FLAG_PAL)
    isGray = description.nb_components <= 2 && !isRGB
    isFullRange = isGray || isRGB || String(cString: description.name).hasPrefix("yuvj")
    chromaShiftX = isGray ? 0 : Int(description.log2_chroma_w)
    chromaShiftY = isGray ? 0 : Int(description.log2_chroma_h)
    let components = [description.comp.0, description.comp.1, description.comp.2]
    let ownPlanes = components.enumerated().allSatisfy { index, component in
      component.plane == index && component.step == 1 && component.depth == 8 && component.shift == 0
    }
    let first = components[0]
    let alone = description.nb_components == 1 && first.step == 1 && first.depth == 8
    isDirect =
      !isRGB && !has(AV_PIX_FMT_FLAG_BITSTREAM) && !has(AV_PIX_FMT_FLAG_HWACCEL)
      && (alone || (has(AV_PIX_FMT_FLAG_PLANAR) && description.nb_components >= 3 && ownPlanes))
  }

  /// Whether the format itself, by its name, says that values fill 0…255.
  let isFullRange: Bool

  /// Whether chroma has the same resolution.
  func hasSampling(of other: PixelLayout) -> Bool {
    isGray == other.isGray && chromaShiftX == other.chromaShiftX && chromaShiftY == other.chromaShiftY
  }

  /// The 8-bit planar format with the same chroma resolution.
  var directFormat: AVPixelFormat {
    if isGray { return AV_PIX_FMT_GRAY8 }
    if isRGB { return AV_PIX_FMT_YUV444P }
    return switch (chromaShiftX, chromaShiftY) {
    case (1, 1): AV_PIX_FMT_YUV420P
    case (1, 0): AV_PIX_FMT_YUV422P
    case (0, 1): AV_PIX_FMT_YUV440P
    case (2, 0): AV_PIX_FMT_YUV411P
    case (2, 2): AV_PIX_FMT_YUV410P
    default: AV_PIX_FMT_YUV444P
    }
  }

  /// The format of a frame turned on its side; nil where FFmpeg has none (4:1:1 and 4:1:0).
  var transposedFormat: AVPixelFormat? {
    if isGray { return AV_PIX_FMT_GRAY8 }
    return switch (chromaShiftX, chromaShiftY) {
    case (0, 0): AV_PIX_FMT_YUV444P
    case (1, 1): AV_PIX_FMT_YUV420P
    case (1, 0): AV_PIX_FMT_YUV440P
    case (0, 1): AV_PIX_FMT_YUV422P
    case (2, 2): AV_PIX_FMT_YUV410P
    default: nil
    }
  }
}
