import Foundation

/// Why processes cannot train together.
public struct ProcessGroupError: Error, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String
}

/// The processes that train one model together, as `mpirun` starts them; alone without it.
///
/// Every process makes the same calls in the same order, from one thread. OpenMPI's library is looked for only then.
public final class ProcessGroup: @unchecked Sendable {
  /// This process alone.
  public static let alone = ProcessGroup(nil)

  /// This process's number, from 0.
  public let rank: Int
  /// How many there are.
  public let size: Int
  /// Whether this is the process that reports and writes files.
  public var isFirst: Bool { rank == 0 }
  private let library: MPILibrary?

  private init(_ library: MPILibrary?) {
    self.library = library
    (rank, size) = (library?.number(library?.commRank) ?? 0, library?.number(library?.commSize) ?? 1)
  }

  /// The processes that `mpirun` started with this one. One that exits before `finish` ends them all.
  ///
  /// Throws `ProcessGroupError` where there are others that cannot be talked to.
  public static func launched(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ProcessGroupError) -> ProcessGroup {
    func count(_ name: String) -> Int { environment[name].flatMap { Int($0) } ?? 1 }
    if count("OMPI_COMM_WORLD_SIZE") > 1 { return ProcessGroup(try MPILibrary()) }
    if count("PMI_SIZE") > 1 {
      throw ProcessGroupError(description: "processes can train together under OpenMPI's mpirun only; use that")
    }
    return .alone
  }

  /// Everybody's bytes become those of process `root`.
  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
    library?.broadcast(bytes, Int32(root))
  }

  /// What the first process says.
  public func decision(_ flag: Bool) -> Bool {
    var byte: UInt8 = flag ? 1 : 0
    withUnsafeMutableBytes(of: &byte) { broadcast($0, from: 0) }
    return byte != 0
  }

  /// Waits until all have come to their end.
  public func finish() { library?.finish() }
}

/// The few functions of OpenMPI's C library that are needed.
private final class MPILibrary {
  private typealias Pointer = UnsafeMutableRawPointer
  typealias CommNumber = @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>) -> Int32
  private typealias Broadcast = @convention(c) (Pointer?, Int32, Pointer, Int32, Pointer) -> Int32
  private typealias Initialise = @convention(c) (Pointer?, Pointer?) -> Int32
  private typealias Finalise = @convention(c) () -> Int32
  private typealias Abort = @convention(c) (Pointer, Int32) -> Int32

  private static let name = "libmpi.so.40"
  /// The most bytes of one message.
  private static let chunk = 1 << 30
  /// What an early exit calls.
  nonisolated(unsafe) private static var abortAll: (() -> Void)?

  let commRank: CommNumber
  let commSize: CommNumber
  private let world: Pointer
  private let byte: Pointer
  private let send: Broadcast
  private let finalise: Finalise

  init() throws(ProcessGroupError) {
    guard let handle = dlopen(Self.name, RTLD_NOW | RTLD_GLOBAL) else {
      throw ProcessGroupError(
        description: "mpirun started this, and \(Self.name) cannot be loaded; install libopenmpi3")
    }
    func symbol(_ name: String) throws(ProcessGroupError) -> Pointer {
      if let found = dlsym(handle, name) { return found }
      throw ProcessGroupError(description: "\(Self.name) has no \(name); OpenMPI 4 is needed")
    }
    world = try symbol("ompi_mpi_comm_world")
    byte = try symbol("ompi_mpi_byte")
    commRank = unsafeBitCast(try symbol("MPI_Comm_rank"), to: CommNumber.self)
    commSize = unsafeBitCast(try symbol("MPI_Comm_size"), to: CommNumber.self)
    send = unsafeBitCast(try symbol("MPI_Bcast"), to: Broadcast.self)
    finalise = unsafeBitCast(try symbol("MPI_Finalize"), to: Finalise.self)
    let abort = unsafeBitCast(try symbol("MPI_Abort"), to: Abort.self)
    _ = unsafeBitCast(try symbol("MPI_Init"), to: Initialise.self)(nil, nil)
    Self.abortAll = { [world] in _ = abort(world, 1) }
    atexit { MPILibrary.abortAll?() }
  }

  func number(_ function: CommNumber?) -> Int {
    var value: Int32 = 0
    _ = function?(world, &value)
    return Int(value)
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, _ root: Int32) {
    for first in stride(from: 0, to: bytes.count, by: Self.chunk) {
      _ = send(bytes.baseAddress! + first, Int32(min(Self.chunk, bytes.count - first)), byte, root, world)
    }
  }

  func finish() {
    Self.abortAll = nil
    _ = finalise()
  }
}
