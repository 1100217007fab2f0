import CHDF5
import CZlib

/// How a data set's values lie in its file, and whether the library can read them without harm.
///
/// The library trusts that a packed chunk unpacks to the chunk's size, and reads beyond its memory if it does not. So each
/// packed chunk is unpacked here first and measured; the library then reads what has been found sound.
final class ChunkCheck {
  /// Most bytes in a chunk: what a damaged file may make us allocate.
  private static let mostBytes = 1 << 26
  private static let mostRemembered = 1 << 12
  private let dataset: hid_t
  /// Sizes of a chunk; empty where values lie in one piece.
  private let chunk: [Int]
  private let bytes: Int
  private let isPacked: Bool
  private var sound: Set<[hsize_t]> = []

  /// Nil if values lie in other files, in chunks that are too large or exceed the data set, or are packed otherwise than
  /// by gzip, with or without shuffling.
  init?(_ dataset: HDF5Handle, sizes: [Int], valueBytes: Int) {
    guard let creation = HDF5Handle(H5Dget_create_plist(dataset.id), H5Pclose),
      H5Pget_external_count(creation.id) == 0
    else { return nil }
    let filters = Self.filters(creation)
    let layout = H5Pget_layout(creation.id)
    let isChunked = layout == H5D_CHUNKED
    guard isChunked || filters.isEmpty && [H5D_COMPACT, H5D_CONTIGUOUS].contains(layout) else { return nil }
    var chunk = [hsize_t](repeating: 0, count: isChunked ? sizes.count : 0)
    if isChunked {
      let usual = [[], [H5Z_FILTER_DEFLATE], [H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE]]
      guard usual.contains(filters), H5Pget_chunk(creation.id, Int32(sizes.count), &chunk) == sizes.count,
        zip(chunk, sizes).allSatisfy({ $0 >= 1 && $0 <= $1 })
      else { return nil }
    }
    self.dataset = dataset.id
    self.chunk = chunk.map { Int($0) }
    bytes = boundedProduct(self.chunk + [valueBytes])
    isPacked = !filters.isEmpty
    if bytes > Self.mostBytes { return nil }
  }

  private static func filters(_ creation: HDF5Handle) -> [Int32] {
    (0..<max(H5Pget_nfilters(creation.id), 0)).map { index in
      var (flags, count, configuration) = (UInt32(0), 0, UInt32(0))
      return H5Pget_filter2(creation.id, UInt32(index), &flags, &count, nil, 0, nil, &configuration)
    }
  }

  /// Whether all chunks that the block of `counts` values at `start` touches can be read.
  func isSound(start: [Int], counts: [Int]) -> Bool {
    guard isPacked else { return true }
    var corners: [[hsize_t]] = [[]]
    for (axis, side) in chunk.enumerated() {
      let first = start[axis] / side * side
      let steps = stride(from: first, to: start[axis] + counts[axis], by: side)
      corners = corners.flatMap { corner in steps.map { corner + [hsize_t($0)] } }
    }
    return corners.allSatisfy(unpacks)
  }

  private func unpacks(_ corner: [hsize_t]) -> Bool {
    if sound.contains(corner) { return true }
    var stored: hsize_t = 0
    guard H5Dget_chunk_storage_size(dataset, corner, &stored) >= 0, stored <= hsize_t(Self.mostBytes) else {
      return false
    }
    // A chunk that was never written holds the fill value.
    guard stored == 0 || unpackedBytes(corner, Int(stored)) == bytes else { return false }
    if sound.count >= Self.mostRemembered { sound.removeAll() }
    sound.insert(corner)
    return true
  }

  private func unpackedBytes(_ corner: [hsize_t], _ stored: Int) -> Int? {
    var packed = [UInt8](repeating: 0, count: stored)
    var skipped: UInt32 = 0
    guard H5Dread_chunk(dataset, NEM_H5P_DEFAULT, corner, &skipped, &packed) >= 0, skipped == 0 else { return nil }
    var values = [UInt8](repeating: 0, count: bytes)
    var count = uLongf(bytes)
    return uncompress(&values, &count, packed, uLong(stored)) == Z_OK ? Int(count) : nil
  }
}

/// The product of sizes; the greatest whole number if it is greater than that.
func boundedProduct(_ sizes: some Sequence<Int>) -> Int {
  sizes.reduce(1) { product, size in
    let (value, overflow) = product.multipliedReportingOverflow(by: size)
    return overflow ? .max : value
  }
}
