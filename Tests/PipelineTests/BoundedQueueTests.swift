import Foundation
import Pipeline
import Testing

@Suite struct BoundedQueueTests {
  @Test(arguments: [(1, Int.max), (3, .max), (8, .max), (8, 2)])
  func keepsOrderBetweenThreads(capacity: Int, byteLimit: Int) {
    let queue = BoundedQueue<Int>(capacity: capacity, byteLimit: byteLimit) { $0 % 3 }
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

  @Test func aLiveQueueDropsItsOldest() {
    let queue = BoundedQueue<Int>(capacity: 3, isLive: true)
    for item in 0..<10 { #expect(queue.push(item)) }
    queue.finish()
    #expect([queue.pop(), queue.pop(), queue.pop(), queue.pop()] == [7, 8, 9, nil])
    #expect(queue.dropped == 7)
  }

  @Test func bytesAreBounded() {
    let queue = BoundedQueue<Int>(capacity: 100, byteLimit: 10, isLive: true) { $0 }
    for item in [4, 4, 2, 3, 50, 1] { #expect(queue.push(item)) }
    // One item may be larger than all may be together.
    #expect(queue.dropped == 5)
    #expect(queue.pop() == 1)
    for item in [5, 5] { #expect(queue.push(item)) }
    #expect(queue.dropped == 5)
  }
}
