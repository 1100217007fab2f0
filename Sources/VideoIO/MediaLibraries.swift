import CFFmpeg

/// What the media libraries on this machine are and can do.
public enum MediaLibraries {
  /// Version of libavcodec, for example `59.37.100`.
  public static var codecVersion: String {
    let version = avcodec_version()
    return "\(version >> 16).\(version >> 8 & 255).\(version & 255)"
  }

  /// The protocols that something can be read by.
  public static var protocols: [String] {
    var (names, place): ([String], UnsafeMutableRawPointer?) = ([], nil)
    while let name = avio_enum_protocols(&place, 0) { names.append(String(cString: name)) }
    return names
  }
}
