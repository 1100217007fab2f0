/// The networks of the papers beside the one for flying shapes.
extension NetworkDescription {
  /// Still shapes, 28×28×1: one recurrent layer of 250 units (Greff et al. 2016).
  public static let shapes = NetworkDescription(
    input: [28, 28, 1], encoder: [],
    cell: .linear(250, activation: .sigmoid, normalized: false),
    decoder: [.linear(28, 28, 1, activation: .sigmoid, normalized: false)])

  /// Flying MNIST, 24×24×1, θ of 250 units; ψ is the mean of a Gaussian.
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
    ])

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
}
