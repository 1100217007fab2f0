import COneDNN
import Kernels

/// A oneDNN call that failed.
public struct TensorError: Error, CustomStringConvertible {
  /// The call that failed.
  public let operation: String
  /// oneDNN's status code.
  public let status: UInt32

  /// One line for the log.
  public var description: String { "oneDNN \(operation) failed with status \(status)" }
}

/// The CPU engine and stream that a network's primitives run on.
///
/// Primitives of one context are created and executed from one thread at a time. This file is the only one that
/// creates oneDNN objects, so that it alone changes with the major version (written for 2.x).
final class TensorContext {
  let engine: dnnl_engine_t
  let stream: dnnl_stream_t

  init() throws(TensorError) {
    var engine: dnnl_engine_t?
    try check("engine", dnnl_engine_create(&engine, dnnl_cpu, 0))
    var stream: dnnl_stream_t?
    try check("stream", dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue)))
    self.engine = engine!
    self.stream = stream!
  }

  deinit {
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(engine)
  }
}

func check(_ operation: String, _ status: dnnl_status_t) throws(TensorError) {
  guard status == dnnl_success else { throw TensorError(operation: operation, status: status.rawValue) }
}

typealias TensorLayout = dnnl_memory_desc_t

/// A 32-bit float tensor's dimensions with a memory order; `dnnl_format_tag_any` lets the primitive choose.
func tensorLayout(_ dimensions: [Int], _ tag: dnnl_format_tag_t) throws(TensorError) -> TensorLayout {
  var layout = TensorLayout()
  let dims = dimensions.map { dnnl_dim_t($0) }
  try check("layout", dnnl_memory_desc_init_by_tag(&layout, Int32(dims.count), dims, dnnl_f32, tag))
  return layout
}

/// One compiled oneDNN operation with a memory handle for each argument; buffers are bound at each call.
final class TensorPrimitive {
  private let context: TensorContext
  private var primitive: dnnl_primitive_t?
  private var arguments: [dnnl_exec_arg_t] = []

  /// Compiles a primitive from its description; `arguments` pairs the DNNL_ARG index with the layout passed there.
  init(
    _ context: TensorContext, description: dnnl_primitive_desc_t, arguments: [(index: Int32, layout: TensorLayout)]
  ) throws(TensorError) {
    self.context = context
    try check("primitive", dnnl_primitive_create(&primitive, description))
    for (index, layout) in arguments {
      var layout = layout
      var memory: dnnl_memory_t?
      try check("memory", dnnl_memory_create(&memory, &layout, context.engine, nil))
      self.arguments.append(dnnl_exec_arg_t(arg: index, memory: memory))
    }
  }

  deinit {
    for argument in arguments { dnnl_memory_destroy(argument.memory) }
    dnnl_primitive_destroy(primitive)
  }

  /// Runs the operation on buffers given in the order of the arguments at creation.
  func run(_ buffers: UnsafePointer<Float>...) {
    for (argument, buffer) in zip(arguments, buffers) {
      dnnl_memory_set_data_handle(argument.memory, UnsafeMutableRawPointer(mutating: buffer))
    }
    let status = dnnl_primitive_execute(primitive, context.stream, Int32(arguments.count), arguments)
    precondition(status == dnnl_success, "oneDNN failed to execute a valid primitive: \(status)")
    dnnl_stream_wait(context.stream)
  }

  /// A copy between two memory orders of the same tensor.
  static func reorder(
    _ context: TensorContext, from source: TensorLayout, to target: TensorLayout
  ) throws(TensorError) -> TensorPrimitive {
    var source = source
    var target = target
    var description: dnnl_primitive_desc_t?
    try check(
      "reorder",
      dnnl_reorder_primitive_desc_create(&description, &source, context.engine, &target, context.engine, nil))
    defer { dnnl_primitive_desc_destroy(description) }
    return try TensorPrimitive(
      context, description: description!, arguments: [(DNNL_ARG_FROM, source), (DNNL_ARG_TO, target)])
  }
}

/// A primitive's description, destroyed when it leaves scope.
struct PrimitiveDescription: ~Copyable {
  let handle: dnnl_primitive_desc_t

  /// Describes an operation; backward operations pass their forward description as `hint`.
  init(
    _ context: TensorContext, _ operation: UnsafeRawPointer, hint: dnnl_primitive_desc_t? = nil
  ) throws(TensorError) {
    var handle: dnnl_primitive_desc_t?
    try check(
      "primitive description", dnnl_primitive_desc_create(&handle, operation, nil, context.engine, hint))
    self.handle = handle!
  }

  deinit { dnnl_primitive_desc_destroy(handle) }

  /// The memory order that the primitive chose for an argument.
  func layout(_ query: dnnl_query_t) -> TensorLayout {
    dnnl_primitive_desc_query_md(handle, query, 0).pointee
  }
}

/// Sets how many threads oneDNN and the elementwise loops use for calls from this thread.
public func setTensorThreads(_ count: Int) {
  omp_set_num_threads(Int32(count))
}
