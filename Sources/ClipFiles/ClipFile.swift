import CHDF5
import Foundation
import Scenes

/// One part of a file of labelled clips, read clip by clip; memory does not grow with the file.
///
/// The layout is that of `ClipFileWriter` and of the authors' files. Features may be floats within 0…1, or integers that
/// are 0 or 1; a file of still pictures (T = 1) gives clips that repeat them. Each clip is checked when it is read.
public final class ClipFile: SequenceSource, @unchecked Sendable {
  /// Number of clips; numbers beyond begin anew.
  public let count: Int
  /// The sizes of every clip.
  public let format: SequenceFormat
  private let path: String
  private let split: DataSplit
  private let isStill: Bool
  private let features: ClipDataset
  private let groups: ClipDataset
  private let collisions: ClipDataset?
  private let file: HDF5Handle
  private let lock = NSLock()

  /// Opens a part of a file. Throws `ClipFileError`.
  /// - Parameter frames: read so many frames of each clip; nil reads all that there are.
  public init(_ path: String, _ split: DataSplit, frames: Int? = nil) throws(ClipFileError) {
    (self.path, self.split) = (path, split)
    file = try Self.open(path)
    let features = try ClipDataset(path, file, split, "features")
    let groups = try ClipDataset(path, file, split, "groups")
    let isMarked = ClipDataset.exists(file, split, "collisions")
    collisions = isMarked ? try ClipDataset(path, file, split, "collisions") : nil
    (self.features, self.groups) = (features, groups)
    for labels in [groups, collisions].compactMap(\.self) {
      guard labels.sizes.dropLast() == features.sizes.dropLast(), labels.sizes[4] == 1 else {
        throw labels.fault("its shape \(labels.shown) does not fit the features' shape \(features.shown)")
      }
    }
    let stored = features.sizes[0]
    let asked = frames ?? stored
    isStill = stored == 1
    guard isStill || asked <= stored else {
      throw features.fault(
        "its clips have \(stored) frames, and \(asked) are needed; lower --steps, or give longer clips")
    }
    count = features.sizes[1]
    format = SequenceFormat(
      frames: asked, height: features.sizes[2], width: features.sizes[3], channels: features.sizes[4])
  }

  private static func open(_ path: String) throws(ClipFileError) -> HDF5Handle {
    // The system's words for what is missing are clearer than the library's.
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .notFound(path) : .cannotRead(path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw .cannotRead(path, reason: "it is not a regular file")
    }
    HDF5.prepare()
    guard let file = HDF5Handle(H5Fopen(path, nem_h5_read_only(), NEM_H5P_DEFAULT), H5Fclose) else {
      throw .malformed(path, reason: "not a complete HDF5 file (\(HDF5.reason))")
    }
    return file
  }

  /// Reads clip number `index` modulo `count`. Throws `ClipFileError` if it is damaged or out of range.
  public func sequence(_ index: Int) throws -> LabelledSequence {
    lock.lock()
    defer { lock.unlock() }
    HDF5.prepare()
    let clip = index % count
    let frames = isStill ? 1 : format.frames
    func repeated<Value>(_ values: [Value]) -> [Value] {
      isStill ? Array(repeating: values, count: format.frames).flatMap(\.self) : values
    }
    let values = try features.read(clip, frames: frames, as: nem_h5_native_float(), filling: Float(0))
    guard values.allSatisfy({ (0...1).contains($0) }) else {
      throw features.fault("clip \(clip) has values outside 0…1; store grey pictures as float32 in 0…1")
    }
    let owners = try groups.read(clip, frames: frames, as: nem_h5_native_int32(), filling: Int32(0))
    guard owners.allSatisfy({ $0 >= 0 }) else { throw groups.fault("clip \(clip) has negative group ids") }
    let hits = try collisions?.read(clip, frames: frames, as: nem_h5_native_uint8(), filling: UInt8(0)) ?? []
    return LabelledSequence(
      format: format, features: repeated(values), groups: repeated(owners),
      collisions: repeated(hits.map { min($0, 1) })
    )
  }
}
