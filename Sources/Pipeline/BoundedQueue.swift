import Foundation

/// A first-in, first-out queue between two threads that holds at most `capacity` items: a full queue makes the producer
/// wait, an empty one the consumer.
package final class BoundedQueue<Item: Sendable>: @unchecked Sendable {
  private let capacity: Int
  private let condition = NSCondition()
  private var items: [Item?]
  private var first = 0
  private var count = 0
  private var isFinished = false
  private var isCancelled = false

  package init(capacity: Int) {
    self.capacity = capacity
    items = Array(repeating: nil, count: capacity)
  }

  /// Items that wait.
  package var waiting: Int { condition.withLock { count } }

  /// Adds an item, waiting for room. False when nobody wants it any more.
  package func push(_ item: Item) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while count == capacity && !isCancelled { condition.wait() }
    if isCancelled { return false }
    items[(first + count) % capacity] = item
    count += 1
    condition.broadcast()
    return true
  }

  /// The next item, waiting for one. Nil after the last, or when cancelled.
  package func pop() -> Item? {
    condition.lock()
    defer { condition.unlock() }
    while count == 0 && !isFinished && !isCancelled { condition.wait() }
    if count == 0 || isCancelled { return nil }
    let item = items[first].take()
    first = (first + 1) % capacity
    count -= 1
    condition.broadcast()
    return item
  }

  /// No item will be added; what is queued is still delivered.
  package func finish() {
    condition.withLock {
      isFinished = true
      condition.broadcast()
    }
  }

  /// Drops what is queued and releases both threads.
  package func cancel() {
    condition.withLock {
      isCancelled = true
      condition.broadcast()
    }
  }
}
