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

  /// Natural pictures, 32×32 in colour: one recurrent layer of 2,000 units; ψ is the mean of a Gaussian (Greff et al. 2016,
  /// appendix B.2, whose size of picture is not published).
  public static let pictures = NetworkDescription(
    input: [32, 32, 3], encoder: [],
    cell: .linear(2000, activation: .sigmoid, normalized: false),
    decoder: [.linear(32, 32, 3, activation: .identity, normalized: false)])

  /// Not the papers': a dense layer to a θ of 250 units and one back, without convolutions. On pictures this small it
  /// learns as much from a clip at a tenth of the cost.
  public static func dense(_ input: [Int], output: Activation = .sigmoid) -> NetworkDescription {
    let picture = LayerDescription(
      kind: .linear, outputs: input, kernel: 1, stride: 1, normalized: false, activation: output)
    return NetworkDescription(
      input: input, encoder: [.linear(512, activation: .elu)], cell: .linear(250, activation: .sigmoid),
      decoder: [.linear(512, activation: .relu), picture])
  }

  /// Not the papers': slots that see what others leave, start around lit pixels, look `looks` times at each frame and draw
  /// their object in a window of `side`² pixels, which moves by at most `reach` on each axis in a step.
  public static func placed(_ input: [Int], side: Int, reach: Int, looks: Int? = 2) -> NetworkDescription {
    let placement = PlacementDescription(side: side, margin: 2, reach: reach, encoder: [.linear(256, activation: .elu)])
    return NetworkDescription(
      input: input, encoder: [.linear(256, activation: .elu)], cell: .lstm(250),
      decoder: [.linear(256, activation: .relu)], seesOthers: true, placement: placement, start: .seeds, looks: looks)
  }

  /// Not the papers': slots that remember what they have seen of their object in a window of `side`², in grey frames that
  /// are the maximum of what is in them.
  public static func remembering(_ input: [Int], side: Int, reach: Int) -> NetworkDescription {
    let window = LayerDescription(
      kind: .linear, outputs: [side, side, 1], kernel: 1, stride: 1, normalized: false, activation: .identity)
    let hidden = LayerDescription.linear(512, activation: .elu, normalized: false)
    return NetworkDescription(
      input: input, encoder: [hidden, hidden], cell: .none(512), decoder: [window],
      memory: MemoryDescription(side: side, overhang: 1, reach: reach), start: .seeds, starts: 8)
  }

  /// The same network with another system's cell, and slots that see others if so asked. N-EM keeps only the sizes of the
  /// picture and of θ.
  public func with(_ system: PublishedSystem, seesOthers: Bool = false) -> NetworkDescription {
    var changed = self
    let size = cell.outputs[0]
    switch system {
    case .rnnEM: break
    case .lstm: changed.cell = .lstm(size)
    case .rNEM: changed.cell = .relational(size)
    case .rNEMWithoutAttention: changed.cell = .relational(size, attention: false)
    case .nEM:
      let decoder = LayerDescription(
        kind: .linear, outputs: input, kernel: 1, stride: 1, normalized: false, activation: .sigmoid)
      changed = NetworkDescription(input: input, encoder: [], cell: .gradient(size), decoder: [decoder])
    }
    if seesOthers { changed.seesOthers = true }
    return changed
  }
}
