import Kernels
import Testing

@testable import Neural

/// A network of one decoder layer behind an identity cell is that layer alone: state size = its input.
private func single(_ layer: LayerDescription, input: [Int], seed: UInt64 = 5) throws -> (Layer, Parameters) {
  var layout = ParameterLayout()
  let built = Layer("layer", layer, inputShape: input, layout: &layout, context: try TensorContext())
  let parameters = Parameters(layout)
  var random = RandomSource(seed: seed)
  for index in 0..<parameters.values.count { parameters.values.pointer[index] = random.uniform(-0.5, 0.5) }
  built.weightsDidChange(parameters)
  return (built, parameters)
}

private func random(_ count: Int, seed: UInt64) -> [Float] {
  var random = RandomSource(seed: seed)
  return (0..<count).map { _ in random.uniform(-1, 1) }
}
