import ClipFiles
import Foundation
import Kernels
import Scenes
import Testing

/// Files that h5py reads and writes, as the authors' programs do.
@Suite(.enabled(if: Python.hasH5py, "needs python3-h5py")) struct PythonFileTests {
  let folder = ScratchFolder()

  @Test func h5pyReadsOurs() throws {
    let balls = BouncingBalls(objects: 4...4, hasCurtain: false, frames: 5, seed: 2)
    let path = folder.path("balls.h5")
    let writer = try ClipFileWriter(path, overwrite: false)
    for (split, count) in zip(DataSplit.allCases, [30, 2, 3]) {
      try writer.write(split, balls, count: count, isBinary: split != .test)
    }
    try writer.close()
    let found = try Python.run(
      """
      import h5py
      with h5py.File('\(path)', 'r') as f:
        for split in ('training', 'validation', 'test'):
          for name in ('features', 'groups', 'collisions'):
            d = f[split][name]
            print(split, name, *d.shape, d.dtype, d.compression)
        clips = f['training']['groups'][:4, 10:20][:, :, None]
        print(clips.shape, clips[3, 7, 0].sum(), f['test']['features'][:, 1].sum(), f['training']['collisions'][:].max())
      """)
    let clip = balls.sequence(17).groups[3 * 4096..<4 * 4096].reduce(0, +)
    let lit = balls.sequence(1).features.reduce(0, +)
    var expected = ""
    for (split, count) in [("training", 30), ("validation", 2), ("test", 3)] {
      let type = split == "test" ? "float32" : "uint8"
      expected += "\(split) features 5 \(count) 64 64 1 \(type) gzip\n"
      expected += "\(split) groups 5 \(count) 64 64 1 uint8 gzip\n"
      expected += "\(split) collisions 5 \(count) 64 64 1 uint8 gzip\n"
    }
    #expect(found == expected + "(4, 10, 1, 64, 64, 1) \(clip) \(lit) 1\n")
  }

  /// Floats as the authors' files have them, other whole types, three channels, plain and compressed.
  @Test(arguments: ["float32", "float64", "uint8", "int64", "float16", ">i2"], ["", ", compression='gzip'"])
  func weReadH5pys(_ type: String, _ storage: String) throws {
    let path = folder.path("a.h5")
    try Python.run(
      """
      import h5py, numpy
      with h5py.File('\(path)', 'w') as f:
        places = numpy.arange(4 * 7 * 5 * 6).reshape(4, 7, 5, 6, 1)
        group = f.create_group('test')
        group.create_dataset('features', data=((places + [0, 1, 2]) % 3 == 0).astype('\(type)')\(storage))
        group.create_dataset('groups', data=(places % 11).astype('\(type)')\(storage))
      """)
    let file = try ClipFile(path, .test)
    #expect(file.count == 7 && file.format == SequenceFormat(frames: 4, height: 5, width: 6, channels: 3))
    let clip = try file.sequence(2)
    let places = (0..<4).flatMap { frame in (0..<30).map { (frame * 7 + 2) * 30 + $0 } }
    let groups = places.map { Int32($0 % 11) }
    let features: [Float] = places.flatMap { place in [0, 1, 2].map { (place + $0) % 3 == 0 ? 1 : 0 } }
    #expect(clip.groups == groups && clip.features == features && clip.collisions.isEmpty)
  }

  @Test(arguments: [
    ("features=ones(2, 3, 4, 4), groups=ones(2, 3, 4, 4, 1)", "4 dimensions"),
    ("features=ones(2, 3, 4, 4, 1)", "groups: this data set is missing"),
    ("features=ones(2, 3, 4, 4, 1), groups=ones(2, 3, 4, 5, 1)", "does not fit"),
    ("features=ones(2, 3, 4, 4, 2), groups=ones(2, 3, 4, 4, 2)", "does not fit"),
    ("features=ones(2, 0, 4, 4, 1), groups=ones(2, 0, 4, 4, 1)", "out of range"),
    ("features=7 * ones(2, 3, 4, 4, 1).astype('u1'), groups=ones(2, 3, 4, 4, 1)", "outside 0…1"),
    ("features=numpy.nan * ones(2, 3, 4, 4, 1), groups=ones(2, 3, 4, 4, 1)", "outside 0…1"),
    ("features=ones(2, 3, 4, 4, 1), groups=-ones(2, 3, 4, 4, 1)", "negative group ids"),
    ("features=ones(2, 3, 4, 4, 1).astype('S3'), groups=ones(2, 3, 4, 4, 1)", "neither integers nor floats"),
    ("features=h5py.ExternalLink('b.h5', '/test/features'), groups=ones(2, 3, 4, 4, 1)", "missing"),
    ("features=h5py.SoftLink('/etc'), groups=ones(2, 3, 4, 4, 1)", "missing"),
  ])
  func whatDoesNotFitIsNamed(_ members: String, _ words: String) throws {
    let path = folder.path("a.h5")
    try Python.run(
      """
      import h5py, numpy
      ones = lambda *shape: numpy.ones(shape)
      with h5py.File('\(path)', 'w') as f:
        group = f.create_group('test')
        for name, value in dict(\(members)).items(): group[name] = value
      """)
    #expect {
      _ = try ClipFile(path, .test).sequence(1)
    } throws: { error in
      if case .malformed(path, let reason)? = error as? ClipFileError { reason.contains(words) } else { false }
    }
  }

  /// Values that lie in another file, and files whose group is something else.
  @Test func otherPlacesAreNotRead() throws {
    let path = folder.path("a.h5")
    try Python.run(
      """
      import h5py, numpy
      with h5py.File('\(path)', 'w') as f:
        f.create_dataset('test/features', (2, 3, 4, 4, 1), 'u1', external=[('/etc/passwd', 0, 96)])
        f.create_dataset('test/groups', (2, 3, 4, 4, 1), 'u1')
        f['training'] = numpy.ones(3)
        layout = h5py.VirtualLayout((2, 3, 4, 4, 1), 'u1')
        layout[0] = h5py.VirtualSource('b.h5', 'values', (3, 4, 4, 1))
        f.create_virtual_dataset('validation/features', layout)
        f['validation/groups'] = numpy.ones((2, 3, 4, 4, 1))
      """)
    for (split, words) in [(DataSplit.test, "another file"), (.training, "missing"), (.validation, "another file")] {
      #expect { try ClipFile(path, split) } throws: { "\($0)".contains(words) }
    }
  }
}

/// Packed chunks that unpack to less than their size, which the library reads beyond its memory for.
extension PythonFileTests {
  @Test(arguments: [0, 1, 95, 97, 100_000]) func shortChunksAreRefused(_ length: Int) throws {
    let path = folder.path("a.h5")
    try Python.run(
      """
      import h5py, zlib
      with h5py.File('\(path)', 'w') as f:
        for name in ('features', 'groups'):
          d = f.create_dataset('test/' + name, (2, 3, 4, 4, 1), 'u1', chunks=(2, 3, 4, 4, 1), compression='gzip')
          d.id.write_direct_chunk((0, 0, 0, 0, 0), zlib.compress(bytes(\(length))))
      """)
    #expect { try ClipFile(path, .test).sequence(0) } throws: { "\($0)".contains("does not unpack to its size") }
  }
}

/// The system's Python, a test's independent reader and writer.
enum Python {
  static let hasH5py = (try? run("import h5py")) != nil

  @discardableResult
  static func run(_ program: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["-c", program]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
