import COneDNN

/// The oneDNN 2.x descriptions of the three operations of a linear map.
extension WeightedShape {
  private struct Geometry {
    var source: TensorLayout
    var weights: TensorLayout
    var bias: TensorLayout
    var target: TensorLayout
    var strides: [dnnl_dim_t] = []
    var before: [dnnl_dim_t] = []
    var after: [dnnl_dim_t] = []
  }

  func plainWeights() throws(TensorError) -> TensorLayout {
    try tensorLayout(weightDimensions, weightDimensions.count == 2 ? dnnl_ab : dnnl_abcd)
  }

  private func geometry(_ n: Int) throws(TensorError) -> Geometry {
    let weights = try tensorLayout(weightDimensions, dnnl_format_tag_any)
    let bias = try tensorLayout([outputs], dnnl_a)
    switch self {
    case .inner(let inputs, let outputs):
      return Geometry(
        source: try tensorLayout([n, inputs], dnnl_ab), weights: weights, bias: bias,
        target: try tensorLayout([n, outputs], dnnl_ab))
    case .convolution(let height, let width, let channels, let outputs, _, let stride, let rows, let columns):
      return Geometry(
        source: try tensorLayout([n, channels, height, width], dnnl_acdb), weights: weights, bias: bias,
        target: try tensorLayout([n, outputs, outputSize.height, outputSize.width], dnnl_acdb),
        strides: [Int64(stride), Int64(stride)], before: [Int64(rows.before), Int64(columns.before)],
        after: [Int64(rows.after), Int64(columns.after)])
    }
  }

  func forwardDescription(_ context: TensorContext, _ n: Int) throws(TensorError) -> PrimitiveDescription {
    var g = try geometry(n)
    if case .inner = self {
      var operation = dnnl_inner_product_desc_t()
      try check(
        "inner product",
        dnnl_inner_product_forward_desc_init(
          &operation, dnnl_forward_training, &g.source, &g.weights, &g.bias, &g.target))
      return try PrimitiveDescription(context, &operation)
    }
    var operation = dnnl_convolution_desc_t()
    try check(
      "convolution",
      dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_training, dnnl_convolution_direct, &g.source, &g.weights, &g.bias, &g.target,
        g.strides, g.before, g.after))
    return try PrimitiveDescription(context, &operation)
  }

  func backwardDataDescription(_ context: TensorContext, _ n: Int) throws(TensorError) -> PrimitiveDescription {
    let forward = try forwardDescription(context, n)
    var g = try geometry(n)
    if case .inner = self {
      var operation = dnnl_inner_product_desc_t()
      try check(
        "inner product", dnnl_inner_product_backward_data_desc_init(&operation, &g.source, &g.weights, &g.target))
      return try PrimitiveDescription(context, &operation, hint: forward.handle)
    }
    var operation = dnnl_convolution_desc_t()
    try check(
      "convolution",
      dnnl_convolution_backward_data_desc_init(
        &operation, dnnl_convolution_direct, &g.source, &g.weights, &g.target, g.strides, g.before, g.after))
    return try PrimitiveDescription(context, &operation, hint: forward.handle)
  }

  func backwardWeightsDescription(_ context: TensorContext, _ n: Int) throws(TensorError) -> PrimitiveDescription {
    let forward = try forwardDescription(context, n)
    var g = try geometry(n)
    if case .inner = self {
      var operation = dnnl_inner_product_desc_t()
      try check(
        "inner product",
        dnnl_inner_product_backward_weights_desc_init(&operation, &g.source, &g.weights, &g.bias, &g.target))
      return try PrimitiveDescription(context, &operation, hint: forward.handle)
    }
    var operation = dnnl_convolution_desc_t()
    try check(
      "convolution",
      dnnl_convolution_backward_weights_desc_init(
        &operation, dnnl_convolution_direct, &g.source, &g.weights, &g.bias, &g.target, g.strides, g.before, g.after))
    return try PrimitiveDescription(context, &operation, hint: forward.handle)
  }
}
