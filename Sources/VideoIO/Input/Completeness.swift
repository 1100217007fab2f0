import CFFmpeg

/// What a container promises about its length, held against what came out of it.
struct Completeness {
  /// Frames that the index or header lists; nil where there is none.
  let expectedFrames: Int?
  /// End of the video stream in seconds on the stream's own clock, if its header says so.
  let videoEnd: Double?
  /// End of the longest stream in seconds, if the header says only that.
  let containerEnd: Double?
  /// Length in seconds for progress, perhaps an estimate.
  let duration: Double?
  private let declaredLength: Int64?
  private let isTransportStream: Bool
  private let isGIF: Bool
  private let hasFullIndex: Bool
  private let isRaw: Bool
  private let frameInterval: Double

  /// Reads the promises; call it before the first packet is read.
  init(_ input: borrowing InputContext, stream: UnsafePointer<AVStream>) {
    let names = input.containerName.split(separator: ",")
    isRaw = names.contains("rawvideo") || names.contains("yuv4mpegpipe")
    isGIF = names.contains("gif")
    isTransportStream = names.contains("mpegts")
    declaredLength = input.bytes.flatMap { DeclaredLength.parse($0.opening) }
    hasFullIndex = names.contains("mov")
    let declared = Int(stream.pointee.nb_frames)
    // Of a GIF FFmpeg has read one frame by then, and counts it.
    expectedFrames = declared > 0 && !isGIF ? declared - Self.discardedEntries(stream) : nil
    let rate = stream.pointee.avg_frame_rate
    frameInterval = rate.num > 0 && rate.den > 0 ? Double(rate.den) / Double(rate.num) : 0
    let base = Double(stream.pointee.time_base.num) / Double(stream.pointee.time_base.den)
    let fromHeader = input.format.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM
    let start = stream.pointee.start_time == NEM_AV_NOPTS_VALUE ? 0 : Double(stream.pointee.start_time)
    let told = stream.pointee.duration > 0 ? Double(stream.pointee.duration) : nil
    // Of an MP4 file in fragments FFmpeg gives the end as the duration.
    let isInFragments = names.contains("mov") && declared == 0
    let end = told.map { isInFragments ? $0 : start + $0 }
    videoEnd = fromHeader ? end.map { $0 * base } : nil
    let whole = input.format.pointee.duration
    duration = end.map { ($0 - start) * base } ?? (whole > 0 ? Double(whole) / Double(AV_TIME_BASE) : nil)
    containerEnd = fromHeader && whole > 0 ? Double(whole) / Double(AV_TIME_BASE) : nil
  }

  /// Frames an edit list hides: they are decoded for the sake of others and never shown.
  private static func discardedEntries(_ stream: UnsafePointer<AVStream>) -> Int {
    let stream = UnsafeMutablePointer(mutating: stream)
    let indexed = avformat_index_get_entries_count(stream)
    let hidden = (0..<indexed).count { index in
      guard let entry = avformat_index_get_entry(stream, index) else { return false }
      return entry.pointee.flags & AVINDEX_DISCARD_FRAME != 0
    }
    let cutOff = Int(indexed) < Int(stream.pointee.nb_frames) ? Int(stream.pointee.nb_frames) - Int(indexed) : 0
    return hidden + cutOff
  }

  /// The verdict at the end of the stream.
  func outcome(of ledger: ReadLedger, indexed: Int) -> ReadOutcome {
    if ledger.isInterrupted { return .interrupted }
    if ledger.isOverdue { return .truncated(reason: "no frame came in time") }
    if let fault = ledger.fault { return .truncated(reason: "reading stopped early: \(fault.text)") }
    if isRaw && ledger.trailingBytes > 0 { return .truncated(reason: "the last frame is incomplete") }
    let missing = missingFrames(ledger, indexed: indexed) ?? missingTime(ledger) ?? missingBytes(ledger)
    if let missing { return .truncated(reason: missing) }
    // How often a threaded decoder reports one fault depends on timing, so the reason gives no number.
    if ledger.corruptPackets > 0 || ledger.corruptFrames > 0 { return .truncated(reason: "it has damaged frames") }
    return .complete
  }

  /// The verdict on a part of the stream, after which reading ended because no more was wanted.
  func outcome(ofPart ledger: ReadLedger) -> ReadOutcome {
    if ledger.isInterrupted { return .interrupted }
    return ledger.corruptPackets > 0 || ledger.corruptFrames > 0
      ? .truncated(reason: "it has damaged frames") : .complete
  }

  private func missingFrames(_ ledger: ReadLedger, indexed: Int) -> String? {
    guard hasFullIndex && ledger.packets < indexed else { return nil }
    return "\(indexed - ledger.wholePackets) of \(indexed) frames are missing"
  }

  /// Durations are rounded, and a last frame may last longer than the others, so a little less is still whole.
  private func missingTime(_ ledger: ReadLedger) -> String? {
    // An index of all frames is better evidence than a duration, which a muxer may have rounded up to its sound.
    if hasFullIndex && expectedFrames != nil { return nil }
    let tolerance = max(2 * frameInterval, 0.25)
    let (end, promised) = videoEnd.map { (ledger.videoEnd, $0) } ?? (ledger.anyEnd, containerEnd ?? 0)
    guard promised - end > tolerance else { return nil }
    return "it ends at \(Self.seconds(end)) of \(Self.seconds(promised))"
  }

  private func missingBytes(_ ledger: ReadLedger) -> String? {
    if let declared = declaredLength ?? (hasFullIndex ? ledger.boxLength : nil), ledger.length < declared {
      return "it has \(ledger.length) of \(declared) bytes"
    }
    if ledger.isCut { return "it ends inside a packet" }
    if isGIF && ledger.finalByte != UInt8(ascii: ";") { return "its end mark is missing" }
    // Packets of a transport stream have 188 bytes, with a time stamp 192, with error correction 204.
    let isCut = isTransportStream && [188, 192, 204].allSatisfy { ledger.length % $0 != 0 }
    return isCut ? "it ends inside a transport packet" : nil
  }

  private static func seconds(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
  }
}
