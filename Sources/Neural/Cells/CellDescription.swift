/// How a slot's state changes from step to step, as data.
public struct CellDescription: Codable, Sendable, Equatable {
  /// The rule.
  public enum Kind: String, Codable, Sendable {
    /// RNN-EM: θ′ = act(norm(W [encoder output, θ] + b)).
    case linear
    /// A long short-term memory (Hochreiter & Schmidhuber 1997), forget gate's bias 1.
    case lstm
    /// R-NEM: slots act on each other in pairs (van Steenkiste et al. 2018, section 3.2).
    case relational
    /// N-EM: a gradient step on the expected log-likelihood, with the decoder's weights (Greff et al. 2017, eq. 6).
    case gradient
    /// Nothing is carried: θ is what the encoder gives.
    case none
  }

  /// The rule.
  public var kind: Kind
  /// [size of θ].
  public var outputs: [Int]
  /// Whether layer normalisation stands before the activation.
  public var normalized: Bool
  /// The elementwise function that ends θ.
  public var activation: Activation
  /// Relational cells: whether each pair's effect is weighed by an attention. Nil for the others.
  public var attention: Bool?

  /// RNN-EM's cell.
  public static func linear(_ size: Int, activation: Activation, normalized: Bool = true) -> Self {
    Self(kind: .linear, outputs: [size], normalized: normalized, activation: activation)
  }

  /// A long short-term memory.
  public static func lstm(_ size: Int) -> Self {
    Self(kind: .lstm, outputs: [size], normalized: false, activation: .tanh)
  }

  /// R-NEM's cell.
  public static func relational(_ size: Int, attention: Bool = true) -> Self {
    Self(kind: .relational, outputs: [size], normalized: true, activation: .sigmoid, attention: attention)
  }

  /// No cell behind an encoder of `size` outputs.
  public static func none(_ size: Int) -> Self {
    Self(kind: .none, outputs: [size], normalized: false, activation: .identity)
  }

  /// N-EM's step.
  public static func gradient(_ size: Int) -> Self {
    Self(kind: .gradient, outputs: [size], normalized: false, activation: .sigmoid)
  }
}
