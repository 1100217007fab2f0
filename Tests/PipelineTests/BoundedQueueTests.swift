import Foundation
import Pipeline
import Testing

@Suite struct BoundedQueueTests {
  @Test func keepsOrderBetweenThreads() {
    let queue = BoundedQueue<Int>(capacity: 3)
    Thread.detachNewThread {
      for item in 0..<10_000 { _ = queue.push(item) }
      queue.finish()
    }
    var received: [Int] = []
    while let item = queue.pop() { received.append(item) }
    #expect(received == Array(0..<10_000))
    #expect(queue.pop() == nil)
  }

  @Test func cancelReleasesAWaitingProducer() {
    let queue = BoundedQueue<Int>(capacity: 1)
    #expect(queue.push(1))
    let released = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      // Full: waits until it is cancelled, and is told so.
      if !queue.push(2) { released.signal() }
    }
    queue.cancel()
    #expect(released.wait(timeout: .now() + 10) == .success)
    #expect(queue.pop() == nil)
  }
}
