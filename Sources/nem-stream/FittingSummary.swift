import NEM

/// What training on footage prints with `--json`: the outcome's keys and the file written.
struct FittingSummary: Encodable {
  let outcome: FittingOutcome
  let model: String

  private enum CodingKeys: CodingKey { case model }

  func encode(to encoder: any Encoder) throws {
    try outcome.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(model, forKey: .model)
  }
}
