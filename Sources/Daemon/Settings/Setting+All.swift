import Masks
import VideoIO

extension Setting {
  /// Every setting, in the order of the documentation.
  package static let all: [Setting] = input + part + source + output + tracking + service

  private static let input = [
    Setting(
      "input", \.input, .text,
      "Video file, folder or %05d.png of pictures, - for standard input, URL, /dev/video0 for a camera, or x11grab::0.0.",
      unset: "the argument INPUT"),
    Setting(
      "input_credential", \.inputCredential, .text,
      "File in $CREDENTIALS_DIRECTORY that holds the whole URL, instead of the input.", unset: "none"),
    Setting(
      "raw_video", \.rawVideo, .text, "Headerless frames, as 640x480:gray@25 (gray, rgb24, yuv420p, nv12).",
      unset: "the container says"),
    Setting(
      "spool_limit", \.spoolLimit, .bytes(0...1 << 50), "Temporary space for a piped mp4 with its index at the end."),
    Setting(
      "threads", \.threads, .whole(1...256), "Decoder threads; the result is the same for any number.",
      unset: "one per processor but one"),
  ]

  /// Which frames, and which of their pixels.
  private static let part = [
    Setting(
      "start", \.start, .moment, "Begin at a time (1:30, 12.5s) or frame (250).", unset: "the beginning"),
    Setting("duration", \.duration, .moment, "Read so much.", unset: "to the end"),
    Setting("end", \.end, .moment, "End before this time or frame.", unset: "the end"),
    Setting("every", \.every, .whole(1...100_000), "Read only each that many frames."),
    Setting(
      "region", \.region, .region, "Watch only this part: x,y,w,h or x,y;x,y;x,y.",
      unset: "the whole picture"),
    Setting(
      "mask_image", \.maskImage, .text,
      "Picture; where it is not black, the video is gray.", unset: "none"),
    Setting("downscale", \.downscale, .whole(1...64), "Divide width and height, also of the masks."),
  ]

  /// Of sources other than files.
  private static let source = [
    Setting(
      "retry_for", \.retryFor, .duration(1...36_500 * 86_400, orOff: true),
      "Try a lost or unreachable source again for so long, waiting 1 to 30 s.",
      unset: "off; as a service for ever"),
    Setting(
      "open_timeout", \.openTimeout, .number(0.1...86_400), "Seconds for opening a source and its first frame."),
    Setting(
      "stall_limit", \.stallLimit, .number(0.1...86_400), "Seconds without a frame after which a source is lost."),
    Setting(
      "live", \.live, .flag, "Drop frames to keep up, or never.",
      unset: "true for cameras, screens and endless network streams"),
    Setting(
      "rtsp_transport", \.rtspTransport, .choice(RTSPTransport.self), "tcp, or udp where a camera speaks no other."),
    Setting(
      "allow_protocol", \.allowProtocol, .names,
      "Protocols to allow beside \(SourceAddress.protocols.joined(separator: ", ")), also for playlists' entries.",
      unset: "none"),
    Setting(
      "capture_size", \.captureSize, .size, "Picture size asked of a camera or screen.", unset: "the device's own"),
    Setting(
      "capture_rate", \.captureRate, .number(0.01...1000),
      "Frames per second asked of a camera or screen, or that pictures have.",
      unset: "the device's own; pictures 25"),
  ]

  private static let output = [
    Setting(
      "masks", \.masks, .text, "Folder for mask streams, or '-' for JSON on stdout.",
      unset: "no masks; as a service $STATE_DIRECTORY"),
    Setting(
      "format", \.format, .choices(MaskDirectory.Format.allCases.map(\.rawValue)),
      "Forms of the masks, with commas; repeatable."),
    Setting("overlay", \.overlay, .text, "Masks on the source: FILE.mp4, or else Matroska.", unset: "none"),
    Setting(
      "report", \.report, .text, "Table of the objects: FILE.csv or FILE.json.", unset: "none"),
    Setting(
      "clips", \.clips, .text, "Folder for a clip of each object, copied from the source.", unset: "none"),
    Setting("clip_before", \.clipBefore, .moment, "How much of the source a clip shows before its object."),
    Setting("clip_after", \.clipAfter, .moment, "How much of the source a clip shows after its object."),
    Setting("preview", \.preview, .flag, "Show frames and masks in the terminal."),
    Setting(
      "exec", \.exec, .command, "Program to start, without a shell, when an object appears and when it ends.",
      unset: "none"),
    Setting(
      "exec_timeout", \.execTimeout, .duration(1...86_400), "Time after which a program that was started is killed."),
    Setting("overwrite", \.overwrite, .flag, "Replace earlier output."),
    Setting(
      "segment", \.segment, .duration(1...86_400, orOff: true),
      "Begin a new folder YYYY-MM-DD/HH-MM-SS±zzzz in that of the masks after this time.", asService: 600,
      isReloadable: true),
    Setting(
      "retention_age", \.retentionAge, .duration(60...3_650 * 86_400, orOff: true),
      "Delete segments older than this.", asService: 7 * 86_400, isReloadable: true),
    Setting(
      "retention_bytes", \.retentionBytes, .bytes(1 << 20...1 << 50, orOff: true),
      "Delete the oldest segments while all of them take more than this.", isReloadable: true),
    Setting(
      "retention_free", \.retentionFree, .bytes(1 << 20...1 << 50, orOff: true),
      "Delete the oldest segments while their file system has less free space than this.", asService: 1 << 30,
      isReloadable: true),
  ]

  private static let tracking = [
    Setting(
      "segmenter", \.segmenter, .choice(SegmenterChoice.self),
      "The tracker, or a baseline on components: gmm (by overlap) or sort."),
    Setting("model", \.model, .text, "Model file or name; none runs without a network."),
    Setting(
      "slots", \.slots, .whole(1...256), "Most objects at a time (K).", unset: "as the model says; 32 for the tracker"),
    Setting(
      "min_area", \.minArea, .whole(1...100_000_000), "Leave out objects of fewer pixels than this.",
      unset: "40 cells of a grid 192 wide, 0.2 % of a 16:9 picture, and 8 for what goes its way steadily; for less "
        + "the grid is finer and takes longer"),
    Setting(
      "learn", \.learn, .moment, "Learn the background from so much of a file.", unset: "its first 60 frames"),
    Setting("seed", \.seed, .whole(0...Int.max), "Seed of whatever is random."),
    Setting(
      "learning_rate", \.learningRate, .number(0.000_01...1), "Fixed learning rate of the background.",
      unset: "a falling one"),
  ]

  private static let service = [
    Setting(
      "service", \.service, .flag,
      "Run as a service: speak to systemd, go on when the output cannot be written, end with 0 when stopped."),
    Setting(
      "checkpoint_interval", \.checkpointInterval, .duration(1...86_400, orOff: true),
      "Save the run's state in the folder of the masks this often, beside its stop and SIGUSR1.", asService: 300),
    Setting(
      "resume", \.resume, .flag,
      "Go on from the saved state: a file to the same masks as without the stop, a service with its objects.",
      asService: true),
    Setting(
      "status", \.status, .text,
      "Where the status is served: unix:PATH, or 127.0.0.1:PORT or [::1]:PORT with a token.", unset: "nowhere"),
    Setting(
      "status_token", \.statusToken, .text, "File with the bearer token that TCP clients of the status must send.",
      unset: "the credential status-token, if there is one"),
    Setting("log_level", \.logLevel, .choice(LogLevel.self), "How much is said.", isReloadable: true),
    Setting(
      "log_format", \.logFormat, .choice(LogFormat.self), "How lines on standard error look.", isReloadable: true),
    Setting(
      "progress", \.progress, .choice(ProgressForm.self),
      "How progress is told: a line on terminals, or one JSON object a second on standard error."),
  ]
}
