import Foundation

/// A first-in, first-out queue between two threads, bounded in items and bytes; one item always fits. A full queue makes
/// the producer wait until it is half empty, which wakes it seldom, or, where it is live, drops its oldest item; an empty
/// one makes the consumer wait.
package final class BoundedQueue<Item: Sendable>: @unchecked Sendable {
  private let capacity: Int
  private let byteLimit: Int
  private let isLive: Bool
  private let byteCount: @Sendable (Item) -> Int
  private let condition = NSCondition()
  private var items: [Item?]
  private var first = 0
  private var count = 0
  private var bytes = 0
  private var droppedItems = 0
  private var isFinished = false
  private var isCancelled = false

  /// A queue of at most `capacity` items that together have at most `byteLimit` bytes; if `isLive`, old items make room.
  package init(
    capacity: Int, byteLimit: Int = .max, isLive: Bool = false,
    byteCount: @escaping @Sendable (Item) -> Int = { _ in 0 }
  ) {
    (self.capacity, self.byteLimit, self.isLive, self.byteCount) = (capacity, byteLimit, isLive, byteCount)
    items = Array(repeating: nil, count: capacity)
  }

  /// Items that wait.
  package var waiting: Int { condition.withLock { count } }

  /// Items dropped so far.
  package var dropped: Int { condition.withLock { droppedItems } }

  /// Adds an item, waiting for room if need be. False when nobody wants it any more.
  package func push(_ item: Item) -> Bool {
    let size = byteCount(item)
    condition.lock()
    defer { condition.unlock() }
    while isFull(for: size) && !isCancelled {
      if isLive {
        _ = takeFirst()
        droppedItems += 1
      } else {
        condition.wait()
      }
    }
    if isCancelled { return false }
    items[(first + count) % capacity] = item
    count += 1
    bytes += size
    condition.broadcast()
    return true
  }

  /// The next item, waiting for one. Nil after the last, or when cancelled.
  package func pop() -> Item? {
    condition.lock()
    defer { condition.unlock() }
    while count == 0 && !isFinished && !isCancelled { condition.wait() }
    if count == 0 || isCancelled { return nil }
    let item = takeFirst()
    if count <= capacity / 2 { condition.broadcast() }
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

  private func isFull(for size: Int) -> Bool { count == capacity || (count > 0 && bytes > byteLimit - size) }

  private func takeFirst() -> Item? {
    let item = items[first].take()
    first = (first + 1) % capacity
    count -= 1
    bytes -= item.map(byteCount) ?? 0
    return item
  }
}
