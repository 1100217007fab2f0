import CHDF5
import Scenes

/// An HDF5 data set of shape (T, N, H, W, C) whose description has been checked before anything is read.
struct ClipDataset {
  /// Most values in a clip, and most bytes in a chunk: what a damaged file may make us allocate.
  private static let mostValues = 1 << 26
  /// T, N, H, W, C.
  let sizes: [Int]
  private let path: String
  private let name: String
  private let handle: HDF5Handle

  init(_ path: String, _ file: HDF5Handle, _ split: DataSplit, _ name: String) throws(ClipFileError) {
    self.path = path
    self.name = "\(split.rawValue)/\(name)"
    func fault(_ reason: String) -> ClipFileError { .malformed(path, reason: "\(split.rawValue)/\(name): \(reason)") }
    guard Self.exists(file, split, name) else { throw fault("this data set is missing") }
    guard let handle = HDF5Handle(H5Dopen2(file.id, self.name, NEM_H5P_DEFAULT), H5Dclose) else {
      throw fault("cannot be opened as a data set (\(HDF5.reason))")
    }
    self.handle = handle
    guard let type = HDF5Handle(H5Dget_type(handle.id), H5Tclose),
      [H5T_INTEGER, H5T_FLOAT].contains(H5Tget_class(type.id)), H5Tget_size(type.id) <= 8
    else { throw fault("its values are neither integers nor floats") }
    guard let space = HDF5Handle(H5Dget_space(handle.id), H5Sclose), let sizes = HDF5.sizes(space) else {
      throw fault("its shape cannot be read (\(HDF5.reason))")
    }
    self.sizes = sizes
    guard sizes.count == 5 else { throw fault("it has \(sizes.count) dimensions; it needs T, N, H, W, C") }
    guard sizes.allSatisfy({ $0 >= 1 && $0 <= Int(Int32.max) }), Self.product(sizes, without: 1) <= Self.mostValues
    else { throw fault("the shape \(shown) is out of range") }
    guard Self.isPlain(handle, valueBytes: H5Tget_size(type.id)) else {
      throw fault("it is not stored plainly in this file, or in chunks above \(Self.mostValues >> 20) MiB")
    }
  }

  /// Whether the file itself, not a link to another, has this data set.
  static func exists(_ file: HDF5Handle, _ split: DataSplit, _ name: String) -> Bool {
    HDF5.prepare()
    return [split.rawValue, "\(split.rawValue)/\(name)"].allSatisfy { place in
      var link = H5L_info_t()
      return H5Lget_info(file.id, place, &link, NEM_H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD
    }
  }

  /// The shape for a message.
  var shown: String { "(" + sizes.map(String.init).joined(separator: ", ") + ")" }

  func fault(_ reason: String) -> ClipFileError { .malformed(path, reason: "\(name): \(reason)") }

  /// The first frames of clip `index`, [frames, H, W, C], converted to `type`, of which `blank` is a value.
  func read<Value: BitwiseCopyable>(
    _ index: Int, frames: Int, as type: hid_t, filling blank: Value
  ) throws(ClipFileError) -> [Value] {
    let counts = [frames, 1] + sizes.dropFirst(2)
    var values = [Value](repeating: blank, count: Self.product(counts))
    guard let memory = HDF5.space(counts), let space = HDF5Handle(H5Dget_space(handle.id), H5Sclose),
      HDF5.select(space, start: [0, index, 0, 0, 0], counts: counts),
      H5Dread(handle.id, type, memory.id, space.id, NEM_H5P_DEFAULT, &values) >= 0
    else { throw fault("clip \(index) is damaged (\(HDF5.reason))") }
    return values
  }

  private static func product(_ sizes: [Int], without left: Int? = nil) -> Int {
    sizes.enumerated().reduce(1) { product, size in
      guard size.offset != left else { return product }
      let (value, overflow) = product.multipliedReportingOverflow(by: size.element)
      return overflow ? .max : value
    }
  }

  /// Whether the values lie in the file itself, and in chunks that memory can hold.
  private static func isPlain(_ handle: HDF5Handle, valueBytes: Int) -> Bool {
    guard let creation = HDF5Handle(H5Dget_create_plist(handle.id), H5Pclose),
      H5Pget_external_count(creation.id) == 0
    else { return false }
    switch H5Pget_layout(creation.id) {
    case H5D_COMPACT, H5D_CONTIGUOUS: return true
    case H5D_CHUNKED:
      var chunk = [hsize_t](repeating: 0, count: 5)
      guard H5Pget_chunk(creation.id, 5, &chunk) == 5 else { return false }
      return product(chunk.map { Int(clamping: $0) } + [valueBytes]) <= mostValues
    default: return false
    }
  }
}
