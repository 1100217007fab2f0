import COneDNN
import Kernels

/// A linear map with weights, as oneDNN computes it: an inner product or a convolution with explicit padding.
enum WeightedShape: Equatable {
  /// Zeros before the first and after the last row or column.
  struct Padding: Equatable {
    var before: Int
    var after: Int

    /// What SAME padding adds so that the output has ⌈size / stride⌉ places; the larger half comes after.
    static func same(_ size: Int, kernel: Int, stride: Int) -> Padding {
      let total = max(((size + stride - 1) / stride - 1) * stride + kernel - size, 0)
      return Padding(before: total / 2, after: total - total / 2)
    }
  }

  /// [n, inputs] → [n, outputs], weights [outputs, inputs].
  case inner(inputs: Int, outputs: Int)
  /// [n, height, width, channels] → [n, h′, w′, outputs] (channels innermost), weights [outputs, channels, kernel, kernel].
  case convolution(
    height: Int, width: Int, channels: Int, outputs: Int, kernel: Int, stride: Int, rowPad: Padding, columnPad: Padding)

  var weightDimensions: [Int] {
    switch self {
    case .inner(let inputs, let outputs): [outputs, inputs]
    case .convolution(_, _, let channels, let outputs, let kernel, _, _, _): [outputs, channels, kernel, kernel]
    }
  }

  var outputs: Int { weightDimensions[0] }

  /// Height and width of a convolution's output.
  var outputSize: (height: Int, width: Int) {
    guard case .convolution(let height, let width, _, _, let kernel, let stride, let rows, let columns) = self else {
      return (1, 1)
    }
    func places(_ size: Int, _ pad: Padding) -> Int { (size + pad.before + pad.after - kernel) / stride + 1 }
    return (places(height, rows), places(width, columns))
  }
}

/// Forward, backward-data and backward-weights of one linear map, compiled once for each batch size that is used.
final class WeightedOperation {
  let shape: WeightedShape
  private let context: TensorContext
  private var forwardPlans: [Int: PackedPlan] = [:]
  private var dataPlans: [Int: PackedPlan] = [:]
  private var weightPlans: [Int: WeightGradientPlan] = [:]
  private var weightsVersion = 0

  init(_ context: TensorContext, _ shape: WeightedShape) {
    self.context = context
    self.shape = shape
  }

  /// Call when the weights have changed: packed copies are renewed at their next use.
  func weightsDidChange() { weightsVersion += 1 }

  /// target [n, …] = weights · source + bias.
  func forward(
    _ source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, batch n: Int
  ) throws(TensorError) {
    let plan = try Self.plan(n, in: &forwardPlans) { n throws(TensorError) in
      try PackedPlan(forward: shape, batch: n, context)
    }
    plan.operation.run(source, plan.packed(weights, version: weightsVersion), bias, target)
  }

  /// sourceGradient [n, …] = weightsᵀ · targetGradient.
  func backwardData(
    _ targetGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    into sourceGradient: UnsafeMutablePointer<Float>, batch n: Int
  ) throws(TensorError) {
    let plan = try Self.plan(n, in: &dataPlans) { n throws(TensorError) in
      try PackedPlan(backwardData: shape, batch: n, context)
    }
    plan.operation.run(targetGradient, plan.packed(weights, version: weightsVersion), sourceGradient)
  }

  /// Overwrites the gradients of weights and bias, summed over the n samples.
  func backwardWeights(
    _ source: UnsafePointer<Float>, targetGradient: UnsafePointer<Float>,
    into weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>, batch n: Int
  ) throws(TensorError) {
    let plan = try Self.plan(n, in: &weightPlans) { n throws(TensorError) in
      try WeightGradientPlan(shape, batch: n, context)
    }
    plan.operation.run(source, targetGradient, plan.packed.pointer, biasGradient)
    plan.unpack.run(plan.packed.pointer, weightGradient)
  }

  /// The plan for a batch size, made at its first use.
  private static func plan<Plan>(
    _ batch: Int, in plans: inout [Int: Plan], make: (Int) throws(TensorError) -> Plan
  ) throws(TensorError) -> Plan {
    if let known = plans[batch] { return known }
    let plan = try make(batch)
    plans[batch] = plan
    return plan
  }
}

/// An operation that reads weights in the order that suits it, with its packed copy of them.
private final class PackedPlan {
  let operation: TensorPrimitive
  private let pack: TensorPrimitive
  private let buffer: FloatBuffer
  private var version = -1

  init(forward shape: WeightedShape, batch: Int, _ context: TensorContext) throws(TensorError) {
    let description = try shape.forwardDescription(context, batch)
    let weights = description.layout(dnnl_query_weights_md)
    let bias = try tensorLayout([shape.outputs], dnnl_a)
    operation = try TensorPrimitive(
      context, description: description.handle,
      arguments: [
        (DNNL_ARG_SRC, description.layout(dnnl_query_src_md)), (DNNL_ARG_WEIGHTS, weights), (DNNL_ARG_BIAS, bias),
        (DNNL_ARG_DST, description.layout(dnnl_query_dst_md)),
      ])
    pack = try .reorder(context, from: try shape.plainWeights(), to: weights)
    buffer = FloatBuffer(layout: weights)
  }

  init(backwardData shape: WeightedShape, batch: Int, _ context: TensorContext) throws(TensorError) {
    let description = try shape.backwardDataDescription(context, batch)
    let weights = description.layout(dnnl_query_weights_md)
    operation = try TensorPrimitive(
      context, description: description.handle,
      arguments: [
        (DNNL_ARG_DIFF_DST, description.layout(dnnl_query_diff_dst_md)), (DNNL_ARG_WEIGHTS, weights),
        (DNNL_ARG_DIFF_SRC, description.layout(dnnl_query_diff_src_md)),
      ])
    pack = try .reorder(context, from: try shape.plainWeights(), to: weights)
    buffer = FloatBuffer(layout: weights)
  }

  func packed(_ weights: UnsafePointer<Float>, version: Int) -> UnsafePointer<Float> {
    if version != self.version {
      pack.run(weights, buffer.pointer)
      self.version = version
    }
    return UnsafePointer(buffer.pointer)
  }
}

private final class WeightGradientPlan {
  let operation: TensorPrimitive
  let unpack: TensorPrimitive
  let packed: FloatBuffer

  init(_ shape: WeightedShape, batch: Int, _ context: TensorContext) throws(TensorError) {
    let description = try shape.backwardWeightsDescription(context, batch)
    let weights = description.layout(dnnl_query_diff_weights_md)
    operation = try TensorPrimitive(
      context, description: description.handle,
      arguments: [
        (DNNL_ARG_SRC, description.layout(dnnl_query_src_md)),
        (DNNL_ARG_DIFF_DST, description.layout(dnnl_query_diff_dst_md)), (DNNL_ARG_DIFF_WEIGHTS, weights),
        (DNNL_ARG_DIFF_BIAS, try tensorLayout([shape.outputs], dnnl_a)),
      ])
    unpack = try .reorder(context, from: weights, to: try shape.plainWeights())
    packed = FloatBuffer(layout: weights)
  }
}

extension FloatBuffer {
  /// Room for a tensor in a padded or blocked order.
  fileprivate convenience init(layout: TensorLayout) {
    var layout = layout
    self.init(count: dnnl_memory_desc_get_size(&layout) / MemoryLayout<Float>.stride)
  }
}
