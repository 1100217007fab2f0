import Foundation
import Neural
import Testing

@Suite struct AdamTests {
  /// The published recursion in double precision, over gradients of very different sizes.
  @Test func followsThePublishedRecursion() throws {
    let network = try RecurrentNetwork(
      NetworkDescription(input: [1, 1, 3], encoder: [], cell: .linear(5, activation: .tanh), decoder: []), seed: 2)
    let parameters = network.parameters
    let count = parameters.values.count
    var expected = parameters.values.array.map(Double.init)
    var first = [Double](repeating: 0, count: count)
    var second = first
    for t in 1...50 {
      for i in 0..<count {
        let gradient = Float(sin(Double(t * (i + 1)))) * (i % 3 == 0 ? 1e-4 : 10)
        parameters.gradients.pointer[i] = gradient
        first[i] = 0.9 * first[i] + 0.1 * Double(gradient)
        second[i] = 0.999 * second[i] + 0.001 * Double(gradient) * Double(gradient)
        let (m, v) = (first[i] / (1 - pow(0.9, Double(t))), second[i] / (1 - pow(0.999, Double(t))))
        expected[i] -= 0.01 * m / (v.squareRoot() + 1e-8)
      }
      Adam(rate: 0.01).step(parameters)
    }
    for i in 0..<count { #expect(abs(Double(parameters.values.pointer[i]) - expected[i]) < 1e-4) }
    #expect(parameters.updates == 50)
  }
}
