import Masks

extension Setting {
  /// Every setting, in the order of the documentation.
  package static let all: [Setting] = input + output + tracking + service

  private static let input = [
    Setting("input", \.input, .text, "Video file, or - for standard input.", unset: "the argument INPUT"),
    Setting(
      "raw_video", \.rawVideo, .text, "Headerless frames, as 640x480:gray@25 (gray, rgb24, yuv420p, nv12).",
      unset: "the container says"),
    Setting(
      "spool_limit", \.spoolLimit, .bytes(0...1 << 50), "Temporary space for a piped mp4 with its index at the end."),
    Setting(
      "threads", \.threads, .whole(1...256), "Decoder threads; the result is the same for any number.",
      unset: "one per processor"),
  ]

  private static let output = [
    Setting("masks", \.masks, .text, "Folder for the mask streams.", unset: "no masks; as a service $STATE_DIRECTORY"),
    Setting("format", \.format, .choice(MaskDirectory.Format.self), "How masks are stored."),
    Setting("overlay", \.overlay, .text, "Video of coloured masks and ids on the source.", unset: "none"),
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
    Setting("model", \.model, .text, "Model file or name; none runs the tracker without a network."),
    Setting(
      "slots", \.slots, .whole(1...256), "Most objects at a time (K).", unset: "as the model says; 32 for the tracker"),
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
      "status", \.status, .text,
      "Where the status is served: unix:PATH, or 127.0.0.1:PORT or [::1]:PORT with a token.", unset: "nowhere"),
    Setting(
      "status_token", \.statusToken, .text, "File with the bearer token that TCP clients of the status must send.",
      unset: "the credential status-token, if there is one"),
    Setting("log_level", \.logLevel, .choice(LogLevel.self), "How much is said.", isReloadable: true),
    Setting(
      "log_format", \.logFormat, .choice(LogFormat.self), "How lines on standard error look.", isReloadable: true),
  ]
}
