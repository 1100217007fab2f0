import Events
import Foundation
import Testing

@Suite struct EventHookTests {
  /// Sentences of a hook, from any thread.
  private final class Warnings: @unchecked Sendable {
    private let lock = NSLock()
    private var gathered: [String] = []

    var all: [String] { lock.withLock { gathered } }

    @Sendable func add(_ text: String) { lock.withLock { gathered.append(text) } }
  }

  /// Waits until a process has ended, reaped or not; false after 20 seconds.
  private func hasEnded(_ process: pid_t) -> Bool {
    (0..<2000).contains { _ in
      let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      if status?.contains(") Z ") ?? true { return true }
      usleep(10_000)
      return false
    }
  }

  private func script(_ folder: EventFolder, _ lines: String) throws -> String {
    let path = folder.path + "/hook.sh"
    try Data("#!/bin/sh\n\(lines)\n".utf8).write(to: URL(fileURLWithPath: path))
    chmod(path, 0o755)
    return path
  }

  @Test func theProgramIsToldInItsEnvironment() throws {
    let folder = try EventFolder()
    let warnings = Warnings()
    let hook = EventHook(
      [
        try script(
          folder,
          "echo \"$# $2\" >> $1; env | grep ^NEM_STREAM_ | grep -vE '_(ALONE|DATA|MODELS|SANITIZE|STRICT)=' | sort >> $1; cat >> $1"
        ),
        folder.path + "/out", "a  b; $HOME",
      ], timeout: 20, input: "x y.mp4", clip: { "clips/\($0.id).mp4" }, warn: warnings.add)
    try hook.note(event(.start, id: 7, first: 25, last: 25))
    try hook.note(event(.end, id: 7, first: 25, last: 75))
    try hook.close()
    let common = "NEM_STREAM_INPUT=x y.mp4\nNEM_STREAM_OBJECT=7\nNEM_STREAM_START=00:00:01.000\n"
    let expected = """
      2 a  b; $HOME
      NEM_STREAM_BOX=1,2,3,4
      NEM_STREAM_EVENT=start
      \(common)2 a  b; $HOME
      NEM_STREAM_BOX=1,2,3,4
      NEM_STREAM_CLIP=clips/7.mp4
      NEM_STREAM_DURATION=2.000
      NEM_STREAM_END=00:00:03.000
      NEM_STREAM_ENDED=left
      NEM_STREAM_EVENT=end
      \(common)
      """
    #expect(try folder.text("out") == expected)
    #expect(warnings.all.isEmpty)
  }

  @Test func programsThatFailOrHangAreNamedAndKilled() throws {
    let folder = try EventFolder()
    let warnings = Warnings()
    let path = try script(
      folder,
      """
      cd \(folder.path); echo $$ >> own
      until [ -e go ]; do sleep 0.01; done
      case $NEM_STREAM_OBJECT in
      1) exit 3;;
      2) kill -9 $$;;
      3) sleep 600 & echo $! > child; wait;;
      esac
      """)
    let hook = EventHook([path], timeout: 5, input: "in", warn: warnings.add)
    for id in 1...4 { try hook.note(event(.start, id: id, first: 0, last: 0)) }
    #expect(warnings.all.isEmpty, "events wait for no program: none can have ended")
    try Data().write(to: URL(fileURLWithPath: folder.path + "/go"))
    try hook.close()
    let lines = warnings.all
    #expect(lines.count == 3 && lines[0].contains("ended with 3") && lines[1].contains("signal 9"))
    #expect(lines.last?.contains("took too long at the start of object 3") == true)
    // Neither a zombie nor the grandchild is left.
    let own = try folder.text("own").split(separator: "\n").compactMap { pid_t($0) }
    #expect(own.count == 4 && own.allSatisfy { kill($0, 0) != 0 })
    #expect(hasEnded(try #require(pid_t(try folder.text("child").filter(\.isNumber)))))
  }

  @Test func whatComesTooFastIsCountedAndAStopDoesNotWait() throws {
    let folder = try EventFolder()
    let warnings = Warnings()
    let hook = EventHook(
      [try script(folder, "sleep 25; touch \(folder.path)/done")], timeout: 100, input: "in", isStopped: { true },
      warn: warnings.add)
    for id in 1...1200 { try hook.note(event(.start, id: id, first: 0, last: 0)) }
    try hook.close()
    #expect(throws: CocoaError.self, "the first program was not waited for") { try folder.text("done") }
    let last = try #require(warnings.all.last)
    #expect(last.hasPrefix("1199 events") || last.hasPrefix("1200 events"), "\(last)")
  }

  @Test func aProgramMustBeThere() {
    for program in ["no-such-program", "/none/program", "echo hello"] {
      #expect { try EventHook.check([program]) } throws: { "\($0)".contains(program) }
    }
  }
}
