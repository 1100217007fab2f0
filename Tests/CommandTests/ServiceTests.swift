import Foundation
import Masks
import Testing

/// The program as a service, without systemd: an endless source, signals, a disk that is full for a while.
@Suite struct ServiceTests {
  /// A Y4M stream of 96×64 that never ends, 50 frames per second, with something that moves.
  private static let source = """
    ffmpeg -nostdin -v error -re -f lavfi -i testsrc=size=96x64:rate=50 -pix_fmt yuv420p -f yuv4mpegpipe -
    """

  /// Shell that runs a service on an endless source until `until` holds, then sends it SIGTERM and passes its status on.
  private func service(
    _ options: String, source: String = Self.source, until: String, then: String = ""
  ) -> String {
    """
    mkfifo source
    \(source) > source & camera=$!
    nem-stream source --service --model none \(options) & p=$!
    \(Workplace.until(until))
    \(then)
    kill -TERM $p; wait $p; status=$?
    kill $camera; exit $status
    """
  }

  /// Shell that waits until masks are written again and frames are in the newest folder.
  private static let untilMasksGoOn = Workplace.until(
    "grep -q 'written again' log && [ -s $(ls -d disk/out/*/* | sort -V | tail -n 1)/frames.jsonl ]")

  @Test func tellsItsManagerAndStopsWithZero() throws {
    let place = try Workplace()
    let name = "@nem-\(UUID().uuidString)"
    let receiver = """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("\\0" + "\(name.dropFirst())")
      print("bound", flush=True)
      while True:
          text = s.recv(4096).decode(); print(text.replace("\\n", " "), flush=True)
          if "STOPPING" in text: break
      """
    try place.write(Data(receiver.utf8), as: "receiver.py")
    try place.write(Data("segment: 1s\nslots: 5\n".utf8), as: "a.yaml")
    let line = """
      python3 receiver.py > said & until grep -q bound said; do sleep 0.1; done
      export NOTIFY_SOCKET=\(name) WATCHDOG_USEC=1000000 STATE_DIRECTORY=out
      \(service(
        "--config a.yaml", until: "grep -q WATCHDOG said",
        then: """
          echo 'segment: 2s' > a.yaml; kill -HUP $p
          \(Workplace.until("grep -q RELOADING said && [ $(ls -d out/*/* | wc -l) -gt 1 ]"))
          """))
      """
    let outcome = try place.run(line)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let said = try String(contentsOf: place.url("said"), encoding: .utf8).split(separator: "\n")
    let words = ["STATUS=waiting for the first frame", "READY=1", "WATCHDOG=1", "RELOADING=1", "STOPPING=1"]
    let places = words.map { word in said.firstIndex { $0.hasPrefix(word) } ?? -1 }
    #expect(places == places.sorted() && !places.contains(-1), "\(said)")
    #expect(outcome.errors.contains("reloaded segment: 1s → 2s"))
    #expect(outcome.errors.contains("slots: 5 → not set needs a restart"))
    let segments = try place.succeed("ls -d out/*/*").output.split(separator: "\n")
    #expect(segments.count > 1)
    for segment in segments {
      #expect(try MaskFolder(place, String(segment)).manifest().status != .running, "\(segment)")
    }
  }

  /// Two services would give numbers twice, and each other's state away.
  @Test func oneServiceAtATimeHasAFolder() throws {
    let place = try Workplace()
    let outcome = try place.run(
      service(
        "--masks out", until: "[ -s out/*/*/frames.jsonl ]",
        then: """
          nem-stream $SHORT --segment 1s --masks out --model none 2> refused; echo $? > code
          nem-stream inspect out > inspected
          """))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try String(contentsOf: place.url("code"), encoding: .utf8) == "73\n")
    #expect(try String(contentsOf: place.url("refused"), encoding: .utf8).contains("another run writes there"))
    #expect(try String(contentsOf: place.url("inspected"), encoding: .utf8).contains("folders  1, begun 20"))
  }

  @Test func goesOnWhileTheDiskIsFull() throws {
    let place = try Workplace()
    guard try place.run("mkdir disk && mount -t tmpfs -o size=3m none disk").status == 0 else {
      print("mounting is not permitted here: a full disk is not tested")
      return
    }
    defer { _ = try? place.run("umount disk") }
    let options = "--masks disk/out --segment 1h --status unix:s.sock --log-format json 2> log"
    let outcome = try place.run(
      service(
        options, until: "[ -s disk/out/*/*/frames.jsonl ]",
        then: """
          head -c 10m /dev/zero > disk/filler 2>&-
          \(Workplace.until(#"grep -q '"level":"alert"' log"#))
          rm disk/filler
          \(Self.untilMasksGoOn)
          """))
    let log = try String(contentsOf: place.url("log"), encoding: .utf8)
    #expect(outcome.status == 0, "\(log)")
    #expect(log.split(separator: "\n").filter { $0.contains("\"level\":\"alert\"") }.count == 1, "\(log)")
    #expect(log.contains("No space left") && log.contains("masks are written again"))
    let segments = try place.succeed("ls -d disk/out/*/*").output.split(separator: "\n")
    try #require(segments.count == 2)
    var last = -1
    for segment in segments {
      let frames = try MaskFolder(place, String(segment)).frames()
      #expect(try #require(frames.first).frame > last, "frames count on")
      last = try #require(frames.last).frame
    }
    #expect(try MaskFolder(place, String(segments[0])).manifest().status == .failed)
    #expect(try MaskFolder(place, String(segments[1])).manifest().status == .interrupted)
    try place.expectWhole("disk")
  }

  @Test func goesOnWhileTheDiskIsReadOnly() throws {
    let place = try Workplace()
    guard try place.run("mkdir disk && mount -t tmpfs -o size=9m,ro none disk").status == 0 else {
      print("mounting is not permitted here: a read-only disk is not tested")
      return
    }
    defer { _ = try? place.run("umount disk") }
    let outcome = try place.run(
      service(
        "--masks disk/out --segment 1h --status unix:s.sock --log-format json 2> log",
        until: "grep -q '\"level\":\"alert\"' log",
        then: """
          mount -o remount,rw disk
          \(Self.untilMasksGoOn)
          """))
    let log = try String(contentsOf: place.url("log"), encoding: .utf8)
    #expect(outcome.status == 0, "\(log)")
    #expect(log.split(separator: "\n").filter { $0.contains("\"level\":\"alert\"") }.count == 1, "\(log)")
    #expect(log.contains("Read-only file system") && log.contains("masks are written again"), "\(log)")
    let segments = try place.succeed("ls -d disk/out/*/*").output.split(separator: "\n")
    try #require(segments.count == 1)
    #expect(try MaskFolder(place, String(segments[0])).manifest().status == .interrupted)
    try place.expectWhole("disk")
  }

  /// Clips that find no room are given up; what comes later is written again.
  @Test func clipsOfAServiceGoOnWhileTheDiskIsFull() throws {
    let place = try Workplace()
    guard try place.run("mkdir disk && mount -t tmpfs -o size=6m none disk").status == 0 else {
      print("mounting is not permitted here: a full disk is not tested")
      return
    }
    defer { _ = try? place.run("umount disk") }
    let options = "--masks out --clips disk/clips -tp 0 --segment 1h --log-format json 2> log"
    let source = """
      ffmpeg -nostdin -v error -re -stream_loop -1 -i $CLIP -an -vf scale=320:180 -c:v libx264 -preset ultrafast \
      -b:v 200k -g 25 -f mpegts -
      """
    let outcome = try place.run(
      service(
        options, source: source, until: "ls disk/clips/*/*.mkv 2>&-",
        then: """
          head -c 10m /dev/zero > disk/filler 2>&-
          \(Workplace.until("grep -q 'a clip is missing' log"))
          rm disk/filler disk/clips/*/*.mkv
          \(Workplace.until("ls disk/clips/*/*.mkv > written 2>&-"))
          """))
    let log = try String(contentsOf: place.url("log"), encoding: .utf8)
    #expect(outcome.status == 0 && log.contains("No space left"), "\(log)")
    #expect(!log.contains("masks are not written"), "the masks have another disk: \(log)")
    let clips = try place.succeed("cat written").output.split(separator: "\n")
    #expect(!clips.isEmpty && clips.allSatisfy { $0.contains(/\d{4}-\d\d-\d\d\/\d\d-\d\d-\d\d[+-]\d{4}_\d{4}\.mkv/) })
    try place.expectWhole("disk")
  }

  @Test func aFullDiskLeavesNoTornFile() throws {
    let place = try Workplace()
    try place.fail(
      "ulimit -f 200; nem-stream $CLIP --masks out --model none -q", 74, saying: "foreground.mkv: File too large")
    #expect(try MaskFolder(place, "out").manifest().status == .failed)
    #expect(try MaskFolder(place, "out").frames().count < 576)
    try place.expectWhole("out")
  }
}

extension Workplace {
  /// Checks that each mask stream in a folder decodes without a word of complaint.
  fileprivate func expectWhole(_ folder: String) throws {
    let outcome = try succeed(
      "for f in $(find \(folder) -name '*.mkv'); do ffmpeg -nostdin -v warning -i $f -f null - || echo bad $f; done")
    #expect(outcome.errors.isEmpty && outcome.output.isEmpty, "\(outcome.errors)")
  }
}
