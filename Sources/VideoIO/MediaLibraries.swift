import CFFmpeg

/// What the media libraries on this machine are and can do.
public enum MediaLibraries {
  /// Version of libavcodec, for example `59.37.100`.
  public static var codecVersion: String {
    let version = avcodec_version()
    return "\(version >> 16).\(version >> 8 & 255).\(version & 255)"
  }

  /// What may stand before the colon of an address: protocols, and inputs that read by other means.
  public static var protocols: [String] {
    var (names, place): ([String], UnsafeMutableRawPointer?) = (["rtsps"], nil)
    while let name = avio_enum_protocols(&place, 0) { names.append(String(cString: name)) }
    place = nil
    while let format = av_demuxer_iterate(&place) {
      if format.pointee.flags & AVFMT_NOFILE != 0 { names.append(String(cString: format.pointee.name)) }
    }
    return names
  }
}
