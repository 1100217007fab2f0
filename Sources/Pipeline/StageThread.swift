import Foundation

/// A thread that runs one stage and can be waited for.
struct StageThread {
  private let finished = DispatchSemaphore(value: 0)

  init(_ name: String, _ body: @escaping () -> Void) {
    // Each stage owns what its body captures until `wait` returns.
    let work = SendableBody(run: body)
    let finished = finished
    let thread = Thread {
      work.run()
      finished.signal()
    }
    thread.name = name
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Returns when the stage has ended; call once.
  func wait() { finished.wait() }

  private struct SendableBody: @unchecked Sendable {
    let run: () -> Void
  }
}

/// The first error that any stage met.
final class FirstFailure: @unchecked Sendable {
  private let lock = NSLock()
  private var first: (any Error)?

  var error: (any Error)? { lock.withLock { first } }

  func note(_ error: any Error) {
    lock.withLock { first = first ?? error }
  }
}
