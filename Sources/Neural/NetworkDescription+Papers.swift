/// A system of the papers: what carries θ from step to step.
public enum PublishedSystem: String, Codable, Sendable, CaseIterable {
  /// RNN-EM; with one slot the recurrent autoencoder (Greff et al. 2017).
  case rnnEM = "rnn-em"
  /// N-EM: a gradient step in place of the network (Greff et al. 2017).
  case nEM = "n-em"
  /// R-NEM (van Steenkiste et al. 2018).
  case rNEM = "r-nem"
  /// R-NEM without attention.
  case rNEMWithoutAttention = "r-nem-no-attention"
  /// A long short-term memory; the papers give it one slot.
  case lstm
}

/// The networks of the papers beside the one for flying shapes.
extension NetworkDescription {
  /// Still shapes, 28×28×1: one recurrent layer of 250 units (Greff et al. 2016).
  public static let shapes = NetworkDescription(
    input: [28, 28, 1], encoder: [],
    cell: .linear(250, activation: .sigmoid, normalized: false),
    decoder: [.linear(28, 28, 1, activation: .sigmoid, normalized: false)])

  /// Flying MNIST, 24×24×1, each slot's input normalised, θ of 250 units; ψ is the mean of a Gaussian.
  public static let flyingMNIST = NetworkDescription(
    input: [24, 24, 1],
    encoder: [
      .convolution(32, activation: .elu), .convolution(64, activation: .elu), .convolution(128, activation: .elu),
      .linear(512, activation: .elu),
    ],
    cell: .linear(250, activation: .sigmoid),
    decoder: [
      .linear(512, activation: .relu), .linear(3, 3, 128, activation: .relu), .upsampling(64, activation: .relu),
      .upsampling(32, activation: .relu), .upsampling(1, activation: .identity, normalized: false),
    ], normalizesInput: true)

  /// Bouncing balls, 64×64×1, θ of 250 units (van Steenkiste et al. 2018, without relations).
  public static let balls = NetworkDescription(
    input: [64, 64, 1],
    encoder: [
      .convolution(16, activation: .elu), .convolution(32, activation: .elu), .convolution(64, activation: .elu),
      .linear(512, activation: .elu),
    ],
    cell: .linear(250, activation: .sigmoid),
    decoder: [
      .linear(512, activation: .relu), .linear(8, 8, 64, activation: .relu), .upsampling(32, activation: .relu),
      .upsampling(16, activation: .relu), .upsampling(1, activation: .sigmoid, normalized: false),
    ])

  /// The same network with another system's cell. N-EM keeps only the sizes of the picture and of θ.
  public func with(_ system: PublishedSystem) -> NetworkDescription {
    var changed = self
    let size = cell.outputs[0]
    switch system {
    case .rnnEM: return self
    case .lstm: changed.cell = .lstm(size)
    case .rNEM: changed.cell = .relational(size)
    case .rNEMWithoutAttention: changed.cell = .relational(size, attention: false)
    case .nEM:
      let decoder = LayerDescription(
        kind: .linear, outputs: input, kernel: 1, stride: 1, normalized: false, activation: .sigmoid)
      changed = NetworkDescription(input: input, encoder: [], cell: .gradient(size), decoder: [decoder])
    }
    return changed
  }
}
