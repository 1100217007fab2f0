import Foundation
import Masks
import Testing
import VideoIO

/// Kills and signals at any moment leave readable output.
@Suite struct StopTests {
  /// Shell that starts a run of the bundled clip and waits until `frames` lines are there, then sends `signal`.
  private func stop(_ signal: String, after frames: Int) -> String {
    """
    nem-stream $CLIP --masks out --model none -q & p=$!
    until [ -e out/frames.jsonl ] && [ $(wc -l < out/frames.jsonl) -ge \(frames) ]; do sleep 0.02; done
    kill -\(signal) $p
    wait $p
    """
  }

  @Test(arguments: 0..<3) func survivesAKill(_ round: Int) throws {
    let place = try Workplace()
    let moment = Int.random(in: 1 + round * 110..<(round + 1) * 110)
    #expect(try place.run(stop("KILL", after: moment)).status == 137, "killed after \(moment) frames")
    let folder = MaskFolder(place, "out")
    #expect(try folder.manifest().status == .running)
    let frames = try folder.frames()
    _ = try folder.tracks()
    #expect(try #require(frames.last).frame == frames.count - 1)
    var lastSeen: [String: Double] = [folder.baselinePath: frames.last!.pts]
    for frame in frames { for object in frame.objects { lastSeen[folder.objectPath(object.id)] = frame.pts } }
    for (path, end) in lastSeen {
      let masks = try VideoReader(path)
      var last = -1.0
      while let mask = try masks.next() { last = mask.pts }
      #expect(
        last >= end - 1, "\(path) ends at \(last) s, its last line is at \(end) s (killed after \(moment) frames)")
      #expect(try place.run("ffprobe -v error -count_frames -i \(path)").status == 0)
    }
  }

  @Test(arguments: ["INT", "TERM"]) func stopsOnRequest(_ signal: String) throws {
    let place = try Workplace()
    let outcome = try place.run(stop(signal, after: 40))
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(outcome.errorLines.count == 1 && outcome.errors.hasPrefix("nem-stream: interrupted"))
    #expect(outcome.errors.contains("--resume goes on"))
    let folder = MaskFolder(place, "out")
    let count = try folder.frames().count
    #expect(try folder.manifest().status == .interrupted)
    #expect(40..<576 ~= count)
    #expect(try folder.manifest().frames.decoded >= count)
    for track in try folder.tracks().prefix(5) {
      #expect(try !MaskFolder.masks(folder.objectPath(track.id)).isEmpty)
    }
  }

  /// A terminal that is gone stops the run as Ctrl-C does, but not under nohup.
  @Test func aTerminalThatIsGoneStopsTheRunUnlessThatIsIgnored() throws {
    let place = try Workplace()
    for (prefix, expected) in [("", 75), ("nohup ", 65)] as [(String, Int32)] {
      let outcome = try place.run(
        """
        rm -f pipe; mkfifo pipe; sleep 600 > pipe & s=$!
        \(prefix)nem-stream - --masks out --model none < pipe & p=$!
        \(Workplace.untilItCatches)
        kill -HUP $p; sleep 0.5; kill $s; wait $p
        """)
      #expect(outcome.status == expected, "\(prefix): \(outcome.errors)")
    }
  }

  @Test func stopsWhileItWaitsForAPipe() throws {
    let place = try Workplace()
    let line = """
      mkfifo pipe; sleep 600 > pipe & s=$!
      nem-stream - --masks out --model none < pipe & p=$!
      \(Workplace.untilItCatches)
      sleep 0.5; kill -TERM $p; wait $p; status=$?; kill $s; exit $status
      """
    let outcome = try place.run(line)
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(outcome.errors.contains("nem-stream: interrupted"))
  }
}
