import CHDF5
import Foundation

/// An open HDF5 object, closed when its owner goes.
final class HDF5Handle {
  let id: hid_t
  private let close: (hid_t) -> herr_t

  /// Takes over `id`; nil if it says that opening failed.
  init?(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t) {
    guard id >= 0 else { return nil }
    (self.id, self.close) = (id, close)
  }

  deinit { _ = close(id) }
}

/// The library's state: quiet, and without a life of its own.
enum HDF5 {
  /// Call before each use. Errors are printed by default, on each thread anew; plug-ins that a file names would be
  /// loaded; and at the end of the process the library would try once more to write what it could not write.
  static func prepare() {
    _ = once
    H5Eset_auto2(NEM_H5E_DEFAULT, { stack, _ in HDF5.failure.record(stack) }, nil)
  }

  private static let once: Void = {
    H5dont_atexit()
    H5open()
    H5PLset_loading_state(0)
  }()

  private static let failure = LastFailure()

  /// Why the last call failed that did: the system's words if there are some, else those of the innermost function.
  static var reason: String { failure.words }

  /// The sizes of an extent; empty for none, nil on failure.
  static func sizes(_ space: HDF5Handle) -> [Int]? {
    let rank = H5Sget_simple_extent_ndims(space.id)
    guard (0...32).contains(rank) else { return nil }
    var sizes = [hsize_t](repeating: 0, count: Int(rank))
    guard H5Sget_simple_extent_dims(space.id, &sizes, nil) >= 0 else { return nil }
    return sizes.map { Int(clamping: $0) }
  }

  /// Selects the block of `counts` values that begins at `start`; false on failure.
  static func select(_ space: HDF5Handle, start: [Int], counts: [Int]) -> Bool {
    H5Sselect_hyperslab(
      space.id, H5S_SELECT_SET, start.map { hsize_t($0) }, nil, counts.map { hsize_t($0) }, nil) >= 0
  }

  /// An extent of these sizes.
  static func space(_ sizes: [Int]) -> HDF5Handle? {
    HDF5Handle(H5Screate_simple(Int32(sizes.count), sizes.map { hsize_t($0) }, nil), H5Sclose)
  }
}

/// Keeps a failure's words, since the library forgets them when the next call begins, and handles that go make calls.
private final class LastFailure: @unchecked Sendable {
  private let lock = NSLock()
  private var text = "unknown error"

  var words: String {
    lock.withLock {
      if let start = text.range(of: "error message = '"), let end = text[start.upperBound...].firstIndex(of: "'") {
        return String(text[start.upperBound..<end])
      }
      return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
  }

  /// Called by the library when one of its functions fails.
  func record(_ stack: hid_t) -> herr_t {
    lock.withLock {
      withUnsafeMutablePointer(to: &text) { pointer in
        H5Ewalk2(
          stack, H5E_WALK_UPWARD,
          { depth, entry, text in
            if depth == 0, let words = entry?.pointee.desc {
              text!.assumingMemoryBound(to: String.self).pointee = String(cString: words)
            }
            return 0
          }, pointer)
      }
    }
  }
}
