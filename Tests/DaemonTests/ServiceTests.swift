import Daemon
import Foundation
import Masks
import Testing

@Suite struct ServiceNotifierTests {
  @Test(arguments: ["path", "abstract"]) func sendsTheProtocolsWords(_ kind: String) throws {
    let folder = try TestFolder()
    let name = kind == "path" ? folder.path + "/s" : "@nem-\(UUID().uuidString)"
    let listener = try NotifyListener(name)
    defer { listener.stop() }
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2500000"])
    #expect(notifier.isActive && notifier.watchdogSeconds == 2.5)
    notifier.status("opening")
    notifier.ready("runs")
    notifier.feedWatchdog()
    notifier.reloading()
    notifier.extendStart(seconds: 30)
    notifier.stopping()
    #expect(listener.wait(for: "STOPPING=1"))
    let messages = listener.messages
    #expect(messages.contains("STATUS=opening") && messages.contains("READY=1\nSTATUS=runs"))
    #expect(messages.contains("WATCHDOG=1") && messages.contains("EXTEND_TIMEOUT_USEC=30000000"))
    #expect(messages.contains { $0.wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=\d+/) != nil })
  }

  @Test func isSilentWithoutAManager() {
    for socket in ["", "relative", "/" + String(repeating: "x", count: 200)] {
      let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": socket])
      #expect(!notifier.isActive)
      notifier.ready("")
    }
    let foreign = ["NOTIFY_SOCKET": "@nobody", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"]
    #expect(ServiceNotifier(environment: foreign).watchdogSeconds == nil, "another process is watched")
  }
}

@Suite struct SupervisorTests {
  private struct Watch {
    let listener: NotifyListener
    let health: RunHealth
    let supervisor: Supervisor
    let request = ReloadRequest()
    let reloads = LogLines()

    init(waits: @escaping @Sendable () -> Bool = { false }) throws {
      let name = "@nem-\(UUID().uuidString)"
      listener = try NotifyListener(name)
      health = RunHealth(sourceWaits: waits)
      let log = reloads.log()
      supervisor = Supervisor(
        notifier: ServiceNotifier(environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "400000"]), health: health,
        reloadRequest: request, reload: { log.note(.info, nil, "reloaded") })
      supervisor.start()
    }

    func stop() {
      supervisor.stop()
      #expect(listener.wait(for: "STOPPING=1"))
      listener.stop()
    }

    func frame(_ index: Int) { health.note(TestFrames.frame(index)) }
  }

  @Test func isReadyWithTheFirstFrameAndNotBefore() throws {
    let watch = try Watch()
    defer { watch.stop() }
    #expect(watch.listener.wait(for: "STATUS=waiting for the first frame"))
    usleep(400_000)
    #expect(!watch.listener.messages.contains { $0.contains("READY") || $0.contains("WATCHDOG") })
    watch.frame(0)
    #expect(watch.listener.wait(for: "READY=1"))
  }

  @Test func theWatchdogIsFedByProgressAlone() throws {
    let watch = try Watch()
    defer { watch.stop() }
    watch.frame(0)
    #expect(watch.listener.wait(for: "READY=1"))
    watch.listener.clear()
    usleep(800_000)
    #expect(!watch.listener.messages.contains("WATCHDOG=1"), "fed without a frame")
    watch.frame(1)
    #expect(watch.listener.wait(for: "WATCHDOG=1"))
  }

  @Test func aHealthyWaitFeedsTooAndExtendsTheStart() throws {
    let watch = try Watch(waits: { true })
    defer { watch.stop() }
    #expect(watch.listener.wait(for: "EXTEND_TIMEOUT_USEC=30000000"))
    #expect(!watch.listener.messages.contains { $0.contains("READY") })
    watch.frame(0)
    #expect(watch.listener.wait(for: "READY=1"))
    watch.listener.clear()
    #expect(watch.listener.wait(for: "WATCHDOG=1"))
  }

  @Test func reloadsOnRequest() throws {
    let watch = try Watch()
    watch.frame(0)
    #expect(watch.listener.wait(for: "READY=1"))
    watch.listener.clear()
    watch.request.make()
    #expect(watch.listener.wait(for: "READY=1"))
    let messages = watch.listener.messages.filter { !$0.hasPrefix("WATCHDOG") && !$0.hasPrefix("STATUS") }
    #expect(messages.first?.hasPrefix("RELOADING=1") == true)
    #expect(watch.reloads.lines == ["reloaded\n"])
    watch.stop()
  }
}

@Suite struct FrameRateMeterTests {
  @Test func countsWholeSecondsOfTheLastTen() {
    var meter = FrameRateMeter()
    #expect(meter.value(at: 100) == 0)
    for index in 0..<75 { meter.note(at: 100 + Double(index) / 25) }
    #expect(meter.value(at: 103.5) == 25 && meter.value(at: 102.99) == 25)
    #expect(meter.value(at: 108) == 75.0 / 8)
    #expect(meter.value(at: 112) == 25.0 / 10 && meter.value(at: 200) == 0)
  }
}

@Suite struct EventLogTests {
  @Test func textAndJSON() throws {
    let lines = LogLines()
    let log = lines.log(now: { Date(timeIntervalSince1970: 0.25) })
    log.note(.info, "start", "two\nlines")
    log.note(.error, nil, "bad")
    log.note(.debug, nil, "not shown")
    log.configure(.debug, .json)
    log.note(.debug, "queue", "a \"quoted\" word", ["frames": 3])
    #expect(lines.lines.prefix(2) == ["two lines\n", "nem-stream: bad\n"])
    #expect(
      lines.lines[2]
        == #"{"event":"queue","frames":3,"level":"debug","message":"a \"quoted\" word","time":"1970-01-01T00:00:00.250Z"}"#
        + "\n")
  }

  @Test func theJournalGetsPriorities() {
    let lines = LogLines()
    let log = lines.log(isJournal: true)
    for priority in [EventPriority.alert, .error, .warning, .info] { log.note(priority, nil, "words") }
    #expect(lines.lines.map { $0.prefix(3) } == ["<1>", "<3>", "<4>", "<6>"])
    log.configure(.error, .text)
    log.note(.warning, nil, "not shown")
    log.note(.alert, nil, "shown")
    #expect(lines.lines.count == 5)
    #expect(!EventLog.isJournal(2, environment: ["JOURNAL_STREAM": "0:0"]))
    var status = stat()
    fstat(2, &status)
    #expect(EventLog.isJournal(2, environment: ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)"]))
  }

  @Test func aKindOfLineIsLimitedAndCounted() {
    let lines = LogLines()
    let clock = TestClock()
    let log = lines.log(now: { clock.now })
    for _ in 0..<50 { log.note(.info, "noise", "again") }
    for _ in 0..<5 { log.note(.info, "other", "word") }
    for _ in 0..<30 { log.note(.info, nil, "once") }
    #expect(lines.lines.count == 20 + 5 + 30)
    clock.advance(61)
    log.note(.info, "noise", "again")
    #expect(lines.lines.last == "again (30 more like this were left out)\n")
    clock.advance(-86_400)
    log.note(.info, "noise", "again")
    #expect(lines.lines.last == "again\n", "a clock that was put back does not silence the log")
  }
}

/// A clock that is moved by hand.
final class TestClock: @unchecked Sendable {
  private let lock = NSLock()
  private var time = Date(timeIntervalSince1970: 1_750_000_000)

  var now: Date { lock.withLock { time } }
  var seconds: Double { now.timeIntervalSince1970 }

  func advance(_ seconds: Double) { lock.withLock { time += seconds } }
}
