/// How long a source that is lost, or cannot be reached, is tried again.
public enum RetryPolicy: Sendable, Equatable {
  /// Not at all.
  case never
  /// For this many seconds after it was last there.
  case `for`(seconds: Double)
  /// For ever, as a service does.
  case forever

  /// Whether another try is due, `elapsed` seconds after the source was last there.
  func allows(after elapsed: Double) -> Bool {
    switch self {
    case .never: false
    case .for(let seconds): elapsed < seconds
    case .forever: true
    }
  }
}

/// Which way an RTSP camera's packets come.
public enum RTSPTransport: String, Sendable, CaseIterable {
  /// In the RTSP connection: nothing is lost, and it passes firewalls.
  case tcp
  /// As datagrams, some of which may be lost.
  case udp
}

/// How network sources, cameras, screens and endless pipes are opened, watched and tried again. Regular files need none
/// of it.
public struct SourceOptions: Sendable, Equatable {
  /// What happens when the source is lost or cannot be reached.
  public var retry = RetryPolicy.never
  /// Seconds for opening a source and its first frame.
  public var openTimeout = 15.0
  /// Seconds without a frame after which a source counts as lost.
  public var stallLimit = 20.0
  /// Whether frames may be dropped to keep up; nil lets the source decide: cameras, screens and network streams without
  /// an end are live, files, downloads and pipes are not. Regular files are never live.
  public var isLive: Bool?
  /// Protocols allowed beside `SourceAddress.protocols`, also for what a playlist names.
  public var additionalProtocols: [String] = []
  /// Which way RTSP packets come.
  public var rtspTransport = RTSPTransport.tcp
  /// Size of a camera's or screen's pictures, as `WIDTHxHEIGHT`; nil takes the device's own.
  public var captureSize: String?
  /// Frames per second asked of a camera or screen; nil takes the device's own.
  public var captureRate: Double?

  /// Options with their defaults: no retry, 15 s to open, 20 s without a frame.
  public init() {}
}
