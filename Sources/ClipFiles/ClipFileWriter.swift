import CHDF5
import Foundation
import Scenes

/// The three parts of a data set, named as in the authors' files.
public enum DataSplit: String, CaseIterable, Sendable {
  /// What a network learns from.
  case training
  /// What tells when to stop.
  case validation
  /// What it is scored on.
  case test
}

/// Writes labelled clips as HDF5 in the layout of the authors' data loaders (Neural-EM and Relational-NEM): groups
/// `training`, `validation` and `test`, each with `features` and `groups`, shape (T, N, H, W, C), and `collisions` where
/// the data set has them.
///
/// Chunks of whole clips, gzip. The file has its name only when it is complete; before, it is FILE.part.
public final class ClipFileWriter {
  /// The highest number of an object in `groups`, which are bytes as the authors' are.
  public static let mostGroups = 255
  private static let chunkBytes = 1 << 16
  private let path: String
  private let temporary: String
  private var file: HDF5Handle?

  /// Creates the temporary file. Throws `cannotCreate`, also if there is a file already and `overwrite` is false.
  public init(_ path: String, overwrite: Bool) throws(ClipFileError) {
    self.path = path
    temporary = path + ".part"
    var facts = stat()
    if stat(path, &facts) == 0 {
      // A device or a pipe would be replaced by a file, not written to.
      guard facts.st_mode & S_IFMT == S_IFREG else { throw .cannotCreate(path, reason: "it is not a regular file") }
      guard overwrite else { throw .cannotCreate(path, reason: "it exists; give another name or --overwrite") }
    }
    // The system's words are clearer than the library's.
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .cannotCreate(path, reason: String(cString: strerror(errno))) }
    Foundation.close(descriptor)
    HDF5.prepare()
    file = HDF5Handle(H5Fcreate(temporary, nem_h5_truncate(), NEM_H5P_DEFAULT, NEM_H5P_DEFAULT), H5Fclose)
    guard file != nil else {
      unlink(temporary)
      throw .cannotCreate(path, reason: HDF5.reason)
    }
  }

  deinit {
    guard file != nil else { return }
    file = nil
    unlink(temporary)
  }

  /// Writes clips 0..<count of a source as one part of the data set.
  /// - Parameters:
  ///   - isBinary: features are stored as bytes 0 and 1, else as 32-bit floats.
  ///   - progress: called after each clip; what it throws ends the writing.
  public func write(
    _ split: DataSplit, _ source: any SequenceSource, count: Int, isBinary: Bool, progress: () throws -> Void = {}
  ) throws {
    HDF5.prepare()
    guard let file,
      let group = HDF5Handle(
        H5Gcreate2(file.id, split.rawValue, NEM_H5P_DEFAULT, NEM_H5P_DEFAULT, NEM_H5P_DEFAULT), H5Gclose)
    else { throw failure }
    let format = source.format
    let features = try dataset("features", in: group, format, channels: format.channels, count, isBinary: isBinary)
    let groups = try dataset("groups", in: group, format, channels: 1, count, isBinary: true)
    var collisions: HDF5Handle?
    for index in 0..<count {
      let clip = try source.sequence(index)
      try write(clip.features, nem_h5_native_float(), to: features, index, format, channels: format.channels)
      try write(clip.groups, nem_h5_native_int32(), to: groups, index, format, channels: 1)
      if !clip.collisions.isEmpty {
        let present = try collisions ?? dataset("collisions", in: group, format, channels: 1, count, isBinary: true)
        collisions = present
        try write(clip.collisions, nem_h5_native_uint8(), to: present, index, format, channels: 1)
      }
      try progress()
    }
  }

  /// Completes the file and gives it its name.
  public func close() throws(ClipFileError) {
    guard let open = file else { return }
    HDF5.prepare()
    guard H5Fflush(open.id, H5F_SCOPE_GLOBAL) >= 0 else { throw failure }
    file = nil
    guard rename(temporary, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw .writeFailed(path, reason: reason)
    }
  }

  private var failure: ClipFileError { .writeFailed(path, reason: HDF5.reason) }

  private func dataset(
    _ name: String, in group: HDF5Handle, _ format: SequenceFormat, channels: Int, _ count: Int, isBinary: Bool
  ) throws(ClipFileError) -> HDF5Handle {
    let type = isBinary ? nem_h5_stored_uint8() : nem_h5_stored_float()
    let clipBytes = format.frames * format.pixels * channels * (isBinary ? 1 : 4)
    let clips = min(max(Self.chunkBytes / clipBytes, 1), count)
    func sizes(_ clips: Int) -> [Int] { [format.frames, clips, format.height, format.width, channels] }
    guard let space = HDF5.space(sizes(count)),
      let creation = HDF5Handle(H5Pcreate(nem_h5_dataset_creation()), H5Pclose),
      // The time of writing would make equal seeds give different files.
      H5Pset_obj_track_times(creation.id, false) >= 0,
      H5Pset_chunk(creation.id, 5, sizes(clips).map { hsize_t($0) }) >= 0,
      H5Pset_shuffle(creation.id) >= 0, H5Pset_deflate(creation.id, 4) >= 0,
      let result = HDF5Handle(
        H5Dcreate2(group.id, name, type, space.id, NEM_H5P_DEFAULT, creation.id, NEM_H5P_DEFAULT), H5Dclose)
    else { throw failure }
    return result
  }

  private func write<Value: BitwiseCopyable>(
    _ values: [Value], _ type: hid_t, to dataset: HDF5Handle, _ index: Int, _ format: SequenceFormat, channels: Int
  ) throws(ClipFileError) {
    let counts = [format.frames, 1, format.height, format.width, channels]
    guard let memory = HDF5.space(counts), let space = HDF5Handle(H5Dget_space(dataset.id), H5Sclose),
      HDF5.select(space, start: [0, index, 0, 0, 0], counts: counts),
      H5Dwrite(dataset.id, type, memory.id, space.id, NEM_H5P_DEFAULT, values) >= 0
    else { throw failure }
  }
}
