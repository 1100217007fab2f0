import Daemon
import Foundation
import Masks
import Synchronization
import Testing
import VideoIO

@Suite struct SegmentedMasksTests {
  private let folder: TestFolder
  private let lines = LogLines()
  private let health = RunHealth()
  private let clock = TestClock()

  init() throws { folder = try TestFolder() }

  private func sink(
    _ variables: [String: String],
    open: @escaping SegmentedMasks.Open = { path, segment throws(VideoError) in
      try TestFrames.open(path, segment)
    }
  ) throws -> SegmentedMasks {
    try SegmentedMasks(
      root: folder.path + "/masks", settings: try settings(variables), health: health, log: lines.log(),
      now: { [clock] in clock.seconds }, open: open)
  }

  private func write(_ frames: Range<Int>, to sink: SegmentedMasks) throws {
    for index in frames { try sink.write(TestFrames.frame(index)) }
  }

  private var segments: [OutputSegment] { OutputSegment.list(in: folder.path + "/masks") }

  @Test func eachStretchHasItsFolderAndNumbersGoOn() throws {
    let sink = try sink(["NEM_SEGMENT": "2s"])
    try write(0..<120, to: sink)
    try sink.close(.interrupted)
    #expect(segments.count == 3)
    var first = 0
    for (index, segment) in segments.enumerated() {
      let manifest = try #require(Manifest.read(in: segment.path))
      #expect(manifest.segment?.firstFrame == first && manifest.segment?.firstPTS == Double(first) / 25)
      #expect(abs(try #require(manifest.segment?.start).timeIntervalSince(segment.start)) < 1)
      #expect(manifest.status == (index < 2 ? .complete : .interrupted))
      let count = min(50, 120 - first)
      #expect(manifest.frames.decoded == count)
      let reader = try MaskDirectoryReader(path: segment.path)
      #expect(reader.frameCount == count)
      while let labels = try reader.nextLabels() { #expect(labels.pixels.contains(1)) }
      let tracks = try String(contentsOfFile: segment.path + "/tracks.jsonl", encoding: .utf8)
      #expect(tracks.contains(index < 2 ? "\"continues\"" : "\"end-of-stream\""))
      #expect(tracks.contains("\"first_frame\":\(first),\"last_frame\":\(first + count - 1)"))
      first += count
    }
  }

  @Test func droppedFramesCountWhereTheyAreMissing() throws {
    let sink = try sink(["NEM_SEGMENT": "2s"])
    for frames in [0..<20, 23..<45, 53..<60] { try write(frames, to: sink) }
    try sink.close(.complete)
    let counts = segments.compactMap { Manifest.read(in: $0.path)?.frames }
    #expect(counts.map(\.dropped) == [3, 8] && counts.map(\.decoded) == [45, 15])
  }

  @Test func eachFolderCountsItsOwn() throws {
    let lost = Atomic<Int>(0)
    let health = RunHealth(source: {
      var counters = SourceCounters()
      counters.reconnects = lost.load(ordering: .relaxed)
      return counters
    })
    let sink = try SegmentedMasks(
      root: folder.path + "/masks", settings: try settings(["NEM_SEGMENT": "1s"]), health: health, log: lines.log()
    ) { path, segment throws(VideoError) in try TestFrames.open(path, segment) }
    for index in 0..<75 {
      var frame = TestFrames.frame(index)
      if (20..<30).contains(index) { frame.unassigned = 2 }
      if index == 40 { lost.add(3, ordering: .relaxed) }
      try sink.write(frame)
    }
    try sink.close(.complete)
    let manifests = segments.compactMap { Manifest.read(in: $0.path) }
    #expect(manifests.map(\.unassigned) == [10, 10, 0])
    #expect(manifests.map(\.source?.reconnects) == [nil, 3, nil])
  }

  /// What a kill leaves: the objects of the open folder are in the lines of its frames.
  @Test func anOpenFolderTellsOfItsObjects() throws {
    let sink = try sink(["NEM_SEGMENT": "10s"])
    try write(0..<20, to: sink)
    try sink.write(TestFrames.frame(20, id: 2, ended: [EndedObject(id: 1, reason: .left)]))
    let open = try #require(segments.first).path
    let lines = try FileHandle(forWritingTo: URL(fileURLWithPath: open + "/frames.jsonl"))
    try lines.seekToEnd()
    try lines.write(contentsOf: Data("{\"frame\":21,\"pts\":".utf8))
    let tracks = try TrackRecord.read(in: open, isOpen: true)
    #expect(tracks.map(\.id) == [1, 2] && tracks.map(\.framesSeen) == [20, 1])
    #expect(tracks.map(\.ended) == [.left, .continues] && tracks[1].meanArea == 64)
    #expect(try TrackRecord.read(in: open, isOpen: false).map(\.id) == [1])
    try sink.close(.interrupted)
  }

  @Test func picturesOfLaterSegmentsAreRead() throws {
    let sink = try sink(["NEM_SEGMENT": "1s"]) { path, segment throws(VideoError) in
      try TestFrames.open(path, segment, format: .png)
    }
    try write(0..<40, to: sink)
    try sink.close(.complete)
    let reader = try MaskDirectoryReader(path: try #require(segments.last).path)
    #expect(try reader.nextLabels()?.pixels.contains(1) == true)
    #expect(FileManager.default.fileExists(atPath: segments.last!.path + "/objects/0001/000025.png"))
  }

  @Test func aTimeThatFallsBeginsASegment() throws {
    let sink = try sink(["NEM_SEGMENT": "10s"])
    try write(100..<110, to: sink)
    try write(0..<10, to: sink)
    try sink.close(.complete)
    #expect(segments.count == 2)
  }

  @Test func aBatchRunStopsWhereAServiceGoesOn() throws {
    let disk = FaultyDisk()
    let batch = try sink(["NEM_SEGMENT": "10s"], open: disk.open)
    try write(0..<5, to: batch)
    disk.isFull = true
    try disk.breakOpenFiles(folder.path)
    let service = try sink(["NEM_SERVICE": "true", "NEM_SEGMENT": "10s"], open: disk.open)
    #expect(throws: VideoError.self) { try batch.write(TestFrames.frame(5, id: 2)) }

    try write(0..<30, to: service)
    #expect(health.snapshot.outputFault == "No space left on device")
    #expect(health.snapshot.unwrittenFrames == 30)
    #expect(lines.lines.count == 1 && lines.lines[0].contains("masks are not written"))
    disk.isFull = false
    try write(30..<32, to: service)
    #expect(health.snapshot.unwrittenFrames == 32, "it is tried again only after some seconds")
    clock.advance(6)
    try write(32..<40, to: service)
    try service.close(.interrupted)
    #expect(health.snapshot.outputFault == nil)
    #expect(lines.lines.last?.contains("written again; those of 32 frames are missing") == true)
    let reader = try MaskDirectoryReader(path: try #require(segments.last).path)
    #expect(reader.frameCount == 8)
  }

  @Test func aDeletedFolderIsNoticed() throws {
    let batch = try sink(["NEM_SEGMENT": "10s"])
    try write(0..<5, to: batch)
    try FileManager.default.removeItem(atPath: folder.path + "/masks")
    #expect(throws: VideoError.self) { try batch.write(TestFrames.frame(5)) }

    let service = try sink(["NEM_SERVICE": "true", "NEM_SEGMENT": "10s"])
    try write(0..<5, to: service)
    try FileManager.default.removeItem(atPath: folder.path + "/masks")
    try write(5..<10, to: service)
    #expect(health.snapshot.outputFault == "it was deleted" && health.snapshot.unwrittenFrames == 5)
    #expect(lines.lines.count == 1 && segments.isEmpty)
    clock.advance(6)
    try write(10..<20, to: service)
    try service.close(.interrupted)
    #expect(health.snapshot.outputFault == nil)
    #expect(try MaskDirectoryReader(path: try #require(segments.last).path).frameCount == 10)
  }

  @Test func aFolderThatCanNeverBeMadeIsRefused() throws {
    try Data().write(to: URL(fileURLWithPath: folder.path + "/masks"))
    #expect(throws: VideoError.self) { try sink(["NEM_SERVICE": "true"]) }
  }
}

/// A disk that can be full.
private final class FaultyDisk: @unchecked Sendable {
  var isFull = false

  func open(_ path: String, _ segment: Manifest.Segment) throws(VideoError) -> MaskDirectory {
    if isFull { throw .writeFailed(path, reason: "No space left on device") }
    return try TestFrames.open(path, segment)
  }

  /// Makes new objects impossible in the folders that are open.
  func breakOpenFiles(_ root: String) throws {
    for segment in OutputSegment.list(in: root + "/masks") {
      try FileManager.default.removeItem(atPath: segment.path + "/objects")
    }
  }
}

@Suite struct RetentionTests {
  private let folder: TestFolder
  private let now = Date(timeIntervalSince1970: 1_750_000_000)

  init() throws { folder = try TestFolder() }

  /// Segments that began so many hours ago, as a run leaves them.
  @discardableResult
  private func make(hoursAgo: [Int]) throws -> [String] {
    try hoursAgo.map { hours in
      let path = OutputSegment.newPath(in: folder.path, at: now - Double(hours) * 3600)
      let directory = try TestFrames.open(path, Manifest.Segment(firstFrame: 0, firstPTS: 0, start: now))
      for index in 0..<3 { try directory.write(TestFrames.frame(index)) }
      try directory.close(.complete)
      return path
    }
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  @Test func namesAreReadAsTheyAreWritten() throws {
    let paths = try make(hoursAgo: [50, 3, 3, 0])
    let listed = OutputSegment.list(in: folder.path)
    #expect(listed.map(\.path) == paths)
    #expect(listed.map { now.timeIntervalSince($0.start) / 3600 } == [50, 3, 3, 0])
    #expect(paths[2] == paths[1] + "-2")
    #expect(paths[0].wholeMatch(of: /.*\/\d{4}-\d\d-\d\d\/\d\d-\d\d-\d\d[+-]\d{4}/) != nil)
  }

  @Test func theOldestGoFirst() throws {
    let paths = try make(hoursAgo: [72, 48, 24, 1])
    var retention = Retention(root: folder.path)
    #expect(retention.apply(RetentionLimits(), now: now).isEmpty)
    let gone = retention.apply(RetentionLimits(age: 36 * 3600), now: now)
    #expect(gone.map(\.path) == Array(paths[..<2]) && gone.allSatisfy { $0.reason == "age" && $0.failure == nil })
    #expect(paths.map(exists) == [false, false, true, true])
    #expect(!exists((paths[0] as NSString).deletingLastPathComponent), "the day's folder goes with its last segment")
    #expect(
      retention.apply(RetentionLimits(age: 60), now: nil).isEmpty, "no age is told while the clock is not trusted")
  }

  @Test func sizesAndFreeSpaceCount() throws {
    let paths = try make(hoursAgo: [4, 3, 2, 1])
    let size = OutputSegment.list(in: folder.path)[0].size
    var retention = Retention(root: folder.path)
    _ = retention.apply(RetentionLimits(bytes: size * 3 + size / 2), now: now)
    #expect(paths.map(exists) == [false, true, true, true])
    let free = FreeSpace([100, 100, 300])
    retention = Retention(root: folder.path, freeBytes: free.next)
    let gone = retention.apply(RetentionLimits(free: 200), now: now)
    #expect(gone.map(\.path) == Array(paths[1..<3]) && gone.allSatisfy { $0.reason == "free" })
    retention = Retention(root: folder.path) { 0 }
    _ = retention.apply(RetentionLimits(age: 1, bytes: 1, free: 200), now: now + 9999)
    #expect(exists(paths[3]), "the newest stays")
  }

  @Test func theLimitsHoldAtTheEnd() throws {
    let keeper = RetentionKeeper(
      root: folder.path, settings: try settings(["NEM_RETENTION_BYTES": "1M"]), log: LogLines().log())
    keeper.start()
    Thread.sleep(forTimeInterval: 0.3)
    let paths = try make(hoursAgo: [4, 3, 2, 1])
    for path in paths { try Data(count: 700_000).write(to: URL(fileURLWithPath: path + "/frames.jsonl")) }
    keeper.stop()
    #expect(paths.map(exists) == [false, false, false, true])
  }

  /// Clips of a service are deleted as its segments are, the oldest of all first.
  @Test func clipsGoToo() throws {
    let segments = try make(hoursAgo: [72, 20, 1])
    let root = folder.path + "/clips"
    let clips = try [50, 10, 0].map { hours in
      let path = try ServiceClip.newPath(in: root, id: 7, at: now - Double(hours) * 3600)
      try Data(count: 100_000).write(to: URL(fileURLWithPath: path))
      return path
    }
    let foreign = (clips[0] as NSString).deletingLastPathComponent + "/holiday.mkv"
    try Data("mine".utf8).write(to: URL(fileURLWithPath: foreign))
    #expect(ServiceClip.list(in: root).map(\.path).sorted() == clips.sorted())
    var retention = Retention(root: folder.path, clips: root)
    let gone = retention.apply(RetentionLimits(age: 36 * 3600), now: now)
    #expect(gone.map(\.path) == [segments[0], clips[0]] && exists(foreign))
    let free = FreeSpace([100, 100, 300])
    retention = Retention(root: folder.path, clips: root, freeBytes: free.next)
    #expect(retention.apply(RetentionLimits(free: 200), now: now).map(\.path) == [segments[1], clips[1]])
    retention = Retention(root: folder.path, clips: root)
    #expect(retention.apply(RetentionLimits(bytes: 90_000), now: now).map(\.path) == [clips[2]])
    #expect(exists(segments[2]) && !exists((clips[2] as NSString).deletingLastPathComponent))
  }

  @Test func whatOthersWroteStays() throws {
    let paths = try make(hoursAgo: [90, 80, 70, 60, 0])
    let files = FileManager.default
    let elsewhere = try TestFolder()
    try files.createDirectory(atPath: folder.path + "/2020-01-01/10-00-00+0000", withIntermediateDirectories: true)
    try files.createDirectory(atPath: folder.path + "/holiday/2020", withIntermediateDirectories: true)
    // A link to a real segment, one with a foreign manifest, one with a foreign file, and one in use.
    let target = elsewhere.path + "/kept"
    try files.moveItem(atPath: paths[0], toPath: target)
    try files.createSymbolicLink(atPath: paths[0], withDestinationPath: target)
    try Data("{\"name\": \"theirs\"}".utf8).write(to: URL(fileURLWithPath: paths[1] + "/manifest.json"))
    try Data("mine".utf8).write(to: URL(fileURLWithPath: paths[2] + "/notes.txt"))
    let handle = open(paths[3], O_RDONLY | O_DIRECTORY)
    flock(handle, LOCK_SH)
    var retention = Retention(root: folder.path)
    _ = retention.apply(RetentionLimits(age: 60), now: now)
    #expect(exists(target + "/manifest.json") && exists(target + "/objects/0001.mkv"))
    #expect(exists(paths[1] + "/frames.jsonl"))
    #expect(exists(paths[2] + "/notes.txt") && !exists(paths[2] + "/frames.jsonl"))
    #expect(exists(paths[3] + "/frames.jsonl"), "it is in use")
    #expect(exists(folder.path + "/2020-01-01/10-00-00+0000") && exists(folder.path + "/holiday/2020"))
    close(handle)
    _ = retention.apply(RetentionLimits(age: 60), now: now)
    #expect(!exists(paths[3]))
  }

  @Test func aLeapOfTheClockDeletesNothing() {
    var watch = ClockWatch()
    #expect(watch.observe(day: 1000, steady: 0) == nil)
    #expect(!watch.tellsAges(of: 86_400, steady: 60), "a clock must be watched before it is believed")
    #expect(watch.tellsAges(of: 60, steady: 60) && watch.tellsAges(of: 86_400, steady: 3600))
    #expect(watch.observe(day: 1000 + 4000 + 86_400, steady: 4000) == 86_400)
    #expect(!watch.tellsAges(of: 86_400, steady: 4100))
    #expect(watch.observe(day: 1000 + 4100, steady: 4100) == -86_400)
    #expect(!watch.tellsAges(of: 86_400, steady: 7600) && watch.tellsAges(of: 86_400, steady: 7700))
  }
}

/// Free space as it is told, one answer after the other.
private final class FreeSpace {
  private var answers: [Int]

  init(_ answers: [Int]) { self.answers = answers }

  func next() -> Int { answers.count > 1 ? answers.removeFirst() : answers[0] }
}
