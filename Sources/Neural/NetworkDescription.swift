import CKernels
import Foundation

/// An elementwise function.
public enum Activation: String, Codable, Sendable, CaseIterable {
  /// y = z
  case identity
  /// y = 1 / (1 + e⁻ᶻ)
  case sigmoid
  /// y = tanh z
  case tanh
  /// y = max(z, 0)
  case relu
  /// y = z for z > 0, eᶻ − 1 below (Clevert et al. 2016)
  case elu

  /// As the kernels know it.
  package var code: Int32 {
    switch self {
    case .identity: 0
    case .sigmoid: 1
    case .tanh: 2
    case .relu: 3
    case .elu: 4
    }
  }
}

/// One layer as data: a linear map, an optional layer normalisation over all features, an activation.
public struct LayerDescription: Codable, Sendable, Equatable {
  /// The linear map.
  public enum Kind: String, Codable, Sendable {
    /// Fully connected.
    case linear
    /// Convolution with SAME padding.
    case convolution
    /// Nearest-neighbour upsampling ×2, then a convolution of stride 1 with SAME padding.
    case upsampling
  }

  /// Which linear map.
  public var kind: Kind
  /// Linear: the output shape, [features] or [height, width, channels]. Convolutions: [channels].
  public var outputs: [Int]
  /// Side of the square kernel; 1 for linear layers.
  public var kernel: Int
  /// Stride of a convolution.
  public var stride: Int
  /// Whether layer normalisation stands between the linear map and the activation.
  public var normalized: Bool
  /// The elementwise function at the end.
  public var activation: Activation

  /// A fully connected layer.
  public static func linear(_ outputs: Int..., activation: Activation, normalized: Bool = true) -> Self {
    Self(kind: .linear, outputs: outputs, kernel: 1, stride: 1, normalized: normalized, activation: activation)
  }

  /// A convolution with SAME padding.
  public static func convolution(
    _ channels: Int, kernel: Int = 4, stride: Int = 2, activation: Activation, normalized: Bool = true
  ) -> Self {
    Self(
      kind: .convolution, outputs: [channels], kernel: kernel, stride: stride, normalized: normalized,
      activation: activation)
  }

  /// Upsampling ×2 followed by a convolution.
  public static func upsampling(
    _ channels: Int, kernel: Int = 4, activation: Activation, normalized: Bool = true
  ) -> Self {
    Self(
      kind: .upsampling, outputs: [channels], kernel: kernel, stride: 1, normalized: normalized,
      activation: activation)
  }
}

/// What γ is before the first frame is seen.
public enum GammaStart: String, Codable, Sendable {
  /// |N(0, 1)| at each pixel, normalised over the slots, as in the papers.
  case random
  /// Each slot takes what is around one lit pixel of the first frame.
  case seeds
}

/// An encoder, a recurrent cell and a decoder as data; it travels in the model file.
public struct NetworkDescription: Codable, Sendable, Equatable {
  /// [height, width, channels] of the encoder's input, δ_k.
  public var input: [Int]
  /// Layers from the input to the cell.
  public var encoder: [LayerDescription]
  /// How θ changes.
  public var cell: CellDescription
  /// Layers from θ to ψ.
  public var decoder: [LayerDescription]
  /// Whether each row's input is brought to zero mean and unit variance before the encoder; nil for no.
  public var normalizesInput: Bool?
  /// Whether a slot sees, beside δ_k, its share of the frame and what the other slots leave of it; nil for no. The papers'
  /// see δ_k alone, which is zero where a slot predicts well, also when another predicts the same.
  public var seesOthers: Bool?
  /// How the object is drawn as a window at a place, on top of the decoder; nil for a decoder that ends in ψ, as the papers'.
  public var placement: PlacementDescription?
  /// How slots remember their object in place of a θ that the network carries; nil for one that it carries, as the papers'.
  /// The network then sees a memory, [side, side, views], and adds to the logits of the window.
  public var memory: MemoryDescription?
  /// What γ is before the first frame; nil for random.
  public var start: GammaStart?
  /// EM steps on each frame, of which the last predicts the next frame and the others the same one again; nil for one, as
  /// the papers' on sequences.
  public var looks: Int?
  /// Ways to begin a clip that are followed side by side; the one that has explained it best so far counts. Nil for one, as
  /// the papers'. Training and videos know one.
  public var starts: Int?

  /// A network description.
  public init(
    input: [Int], encoder: [LayerDescription], cell: CellDescription, decoder: [LayerDescription],
    normalizesInput: Bool? = nil, seesOthers: Bool? = nil, placement: PlacementDescription? = nil,
    memory: MemoryDescription? = nil, start: GammaStart? = nil, looks: Int? = nil,
    starts: Int? = nil
  ) {
    self.input = input
    self.encoder = encoder
    self.cell = cell
    self.decoder = decoder
    self.normalizesInput = normalizesInput
    self.seesOthers = seesOthers
    self.placement = placement
    self.memory = memory
    self.start = start
    self.looks = looks
    self.starts = starts
  }

  /// [height, width, values] of what the encoder sees: of a frame, or of a memory.
  public var seen: [Int] {
    if let memory { return [memory.side, memory.side, MemoryDescription.views] }
    return input.dropLast() + [input[2] * (seesOthers == true ? Int(NEM_VIEWS) : 1)]
  }

  /// What γ is before the first frame.
  public var gammaStart: GammaStart { start ?? .random }

  /// EM steps on each frame.
  public var looksAtFrames: Looks { Looks(each: looks ?? 1) }

  /// The papers' flying-shapes network, 28×28×1, θ of 100 units.
  public static let flyingShapes = NetworkDescription(
    input: [28, 28, 1],
    encoder: [
      .convolution(32, activation: .elu), .convolution(64, activation: .elu), .linear(512, activation: .elu),
    ],
    cell: .linear(100, activation: .sigmoid),
    decoder: [
      .linear(512, activation: .relu), .linear(7, 7, 64, activation: .relu), .upsampling(32, activation: .relu),
      .upsampling(1, activation: .sigmoid, normalized: false),
    ])
}
