import CFFmpeg

/// How FFmpeg is asked for a network stream, a camera or a screen.
struct AddressRequest {
  let address: SourceAddress
  let options: VideoReaderOptions

  /// Opens the source. Fails with FFmpeg's code.
  func open(_ readGuard: ReadGuard) throws(FFmpegCode) -> UnsafeMutablePointer<AVFormatContext> {
    let allocated = InputContext.allocate(readGuard)
    switch address.kind {
    case .device(let format):
      guard nem_register_devices() != 0, let input = av_find_input_format(format) else {
        avformat_free_context(allocated)
        throw FFmpegCode(value: NEM_AVERROR_DEMUXER_NOT_FOUND)
      }
      // A dead camera must not hold the thread inside its driver.
      allocated.pointee.flags |= AVFMT_FLAG_NONBLOCK
      // Devices say all about their stream when they are opened.
      return try InputContext.open(allocated, url: address.target, as: input, deviceSettings, probing: false)
    default:
      return try InputContext.open(allocated, url: address.target, as: nil, networkSettings, probing: true)
    }
  }

  /// Whether a source, once opened, goes on for ever: what tells no length, except playlists that have an end.
  func isLive(_ format: UnsafeMutablePointer<AVFormatContext>) -> Bool {
    guard case .network(let scheme) = address.kind, scheme.hasPrefix("http") else { return true }
    let hasDuration = format.pointee.duration != NEM_AV_NOPTS_VALUE && format.pointee.duration > 0
    // A playlist has a length in bytes that says nothing about the video.
    let name = String(cString: format.pointee.iformat.pointee.name)
    let isPlaylist = name.hasPrefix("hls") || name.hasPrefix("dash")
    let hasLength = !isPlaylist && (format.pointee.pb.map { avio_size($0) } ?? 0) > 0
    return !hasDuration && !hasLength
  }

  /// The error that stands for FFmpeg's code.
  func fault(_ error: FFmpegCode, _ readGuard: ReadGuard) -> VideoError {
    let name = address.description
    if readGuard.interrupt.isSet { return .cannotRead(name, reason: "interrupted") }
    if readGuard.isOverdue { return .unreachable(name, reason: "no video within \(Int(options.source.openTimeout)) s") }
    switch error.value {
    case NEM_AVERROR_DEMUXER_NOT_FOUND:
      return .cannotOpen(name, reason: "FFmpeg's library of devices (libavdevice) is not installed or lacks this one")
    case NEM_AVERROR_INVALIDDATA:
      return .cannotOpen(name, reason: "it is not a video, or names what it may not")
    case NEM_AVERROR_EOF: return .unreachable(name, reason: "it closed the connection without a video")
    case NEM_AVERROR_EIO: return .unreachable(name, reason: "no answer, or no such host")
    default: return .unreachable(name, reason: error.text)
    }
  }

  /// What opens cannot leave the network: a stream from there must not name files of this machine.
  private var networkSettings: [String: String] {
    let protocols = SourceAddress.protocols.filter { $0 != "file" && $0 != "pipe" } + ["crypto", "data"]
    var settings = [
      "protocol_whitelist": (protocols + options.source.additionalProtocols).joined(separator: ","),
      "rtsp_transport": options.source.rtspTransport.rawValue,
      // Two seconds of video are enough to know what it is.
      "analyzeduration": "2000000",
      // What is read to tell the frame rate waits meanwhile and comes in a burst.
      "fpsprobesize": "3",
    ]
    // A download that breaks off goes on where it was.
    switch options.source.retry {
    case .never: return settings
    case .for(let seconds): settings["reconnect_delay_max"] = "\(Int(min(seconds, 3600)))"
    case .forever: settings["reconnect_delay_max"] = "3600"
    }
    settings["reconnect"] = "1"
    return settings
  }

  private var deviceSettings: [String: String] {
    var settings: [String: String] = [:]
    if let size = options.source.captureSize { settings["video_size"] = size }
    if let rate = options.source.captureRate { settings["framerate"] = "\(rate)" }
    return settings
  }
}
