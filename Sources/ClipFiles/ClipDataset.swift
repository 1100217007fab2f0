import CHDF5
import Scenes

/// An HDF5 data set of shape (T, N, H, W, C) whose description has been checked before anything is read.
struct ClipDataset {
  /// Most values in a clip: what a damaged file may make us allocate.
  private static let mostValues = 1 << 26
  /// T, N, H, W, C.
  let sizes: [Int]
  private let path: String
  private let name: String
  private let handle: HDF5Handle
  private let chunks: ChunkCheck

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
    let shown = Self.shown(sizes)
    guard sizes.allSatisfy({ $0 >= 1 && $0 <= Int(Int32.max) }),
      boundedProduct([sizes[0]] + sizes[2...]) <= Self.mostValues
    else { throw fault("the shape \(shown) is out of range") }
    guard let chunks = ChunkCheck(handle, sizes: sizes, valueBytes: H5Tget_size(type.id)) else {
      throw fault("it is stored in another file, in chunks out of range, or packed otherwise than by gzip")
    }
    self.chunks = chunks
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
  var shown: String { Self.shown(sizes) }

  private static func shown(_ sizes: [Int]) -> String { "(" + sizes.map(String.init).joined(separator: ", ") + ")" }

  func fault(_ reason: String) -> ClipFileError { .malformed(path, reason: "\(name): \(reason)") }

  /// The first frames of clip `index`, [frames, H, W, C], converted to `type`, of which `blank` is a value.
  func read<Value: BitwiseCopyable>(
    _ index: Int, frames: Int, as type: hid_t, filling blank: Value
  ) throws(ClipFileError) -> [Value] {
    let (start, counts) = ([0, index, 0, 0, 0], [frames, 1] + sizes.dropFirst(2))
    guard chunks.isSound(start: start, counts: counts) else {
      throw fault("clip \(index) is damaged: a chunk does not unpack to its size")
    }
    var values = [Value](repeating: blank, count: boundedProduct(counts))
    guard let memory = HDF5.space(counts), let space = HDF5Handle(H5Dget_space(handle.id), H5Sclose),
      HDF5.select(space, start: start, counts: counts),
      H5Dread(handle.id, type, memory.id, space.id, NEM_H5P_DEFAULT, &values) >= 0
    else { throw fault("clip \(index) is damaged (\(HDF5.reason))") }
    return values
  }
}
