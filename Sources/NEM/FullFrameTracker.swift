import Kernels
import Neural

/// The papers' RNN-EM on a stream: K slots that each see and predict the whole frame, their state carried for ever.
///
/// The frame is the foreground evidence on the network's own grid. A slot that owns enough of it is an object; one that
/// owns too little for some frames ends, and gets a new id when it comes back, so that no id is used twice.
public final class FullFrameTracker {
  /// Columns and rows of the network's grid.
  public let width: Int, height: Int
  private static let foregroundLevel: Float = 0.5
  /// Cells that a slot must own to become, and to stay, an object.
  private static let minimumCells = 4
  private static let patience = 10
  private let network: any SlotNetwork
  private let observation: ObservationModel
  private let gammaStart: GammaStart
  private let looks: Looks
  private let shape: MixtureShape
  private let views: SlotViews
  private let gamma: FloatBuffer
  private var slots: [Occupant]
  private var nextID: Int32 = 1
  private var random: RandomSource
  private var isFirst = true

  private struct Occupant {
    var id: Int32 = 0
    var unseen = 0
    var confidence: Float = 0
  }

  /// A tracker with K = `slots`. Throws `ModelError` when the model is not a full-frame one.
  public init(_ model: Model, slots: Int, seed: UInt64) throws {
    guard model.description.network.memory == nil else {
      throw ModelError.invalid("slots that remember a window are for generated clips; a video needs another model")
    }
    let input = model.description.network.input
    guard model.description.kind == .fullFrame, input[2] == 1,
      model.network.outputShape.reduce(1, *) == input[0] * input[1]
    else { throw ModelError.invalid("not a full-frame model of one channel") }
    (height, width) = (input[0], input[1])
    network = model.network
    (observation, gammaStart) = (model.description.observationModel, model.description.network.gammaStart)
    looks = model.description.network.looksAtFrames
    shape = MixtureShape(batch: 1, slots: slots, pixels: width * height, channels: 1)
    views = SlotViews(network, observation, shape)
    gamma = FloatBuffer(count: slots * shape.pixels)
    self.slots = Array(repeating: Occupant(), count: slots)
    random = RandomSource(seed: seed)
    network.reserve(steps: 1, batch: slots, slots: slots, training: false)
    clear()
  }

  /// Assigns a frame's foreground cells by the prediction made before it, then learns from it and predicts the next.
  public func step(_ frame: GridFrame) -> GridSegmentation {
    precondition(frame.width == width && frame.height == height, "the frame is not on the network's grid")
    // Seeds need an object to fall on: until there may be one, no frame is the first.
    if isFirst, gammaStart == .seeds,
      frame.foreground.count(where: { $0 >= Self.foregroundLevel }) < Self.minimumCells
    {
      return .blank(width: width, height: height)
    }
    for _ in 1..<looks.each {
      assign(frame)
      predict(frame)
    }
    assign(frame)
    let result = label(frame)
    predict(frame)
    return result
  }

  /// Forgets all objects; their numbers are not used again.
  public func restart() {
    slots = Array(repeating: Occupant(), count: slots.count)
    clear()
    isFirst = true
  }

  /// Before the first frame θ and ψ are zero.
  private func clear() {
    network.initialState.update(repeating: 0, count: shape.slots * network.stateSize)
    network.output(0).update(repeating: 0, count: shape.psiCount)
  }

  /// Carries the tracker's state; see `Checkpointed`. The model and the number of slots must be the same.
  public func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&nextID, in: 1...Int32.max)
    try archive.carry(&isFirst)
    try random.carry(&archive)
    for slot in slots.indices {
      try archive.carry(&slots[slot].id, in: 0...nextID - 1)
      try archive.carry(&slots[slot].unseen, in: 0...Self.patience)
      try archive.carry(&slots[slot].confidence, in: 0...1.01)
    }
    let ids = slots.map(\.id).filter { $0 > 0 }
    try archive.check(Set(ids).count == ids.count, "it holds two objects of one number")
    try archive.carry(UnsafeMutableBufferPointer(start: gamma.pointer, count: gamma.count))
    try archive.carry(
      UnsafeMutableBufferPointer(start: network.initialState, count: shape.slots * network.stateSize))
    try archive.carry(UnsafeMutableBufferPointer(start: network.output(0), count: gamma.count))
  }

  /// Leaves out the numbers up to `id`, which another run may have given.
  public func skipIds(through id: Int32) { nextID = max(nextID, id + 1) }

  private func assign(_ frame: GridFrame) {
    if isFirst {
      gammaStart.draw(gamma.pointer, frame: frame.foreground, width: width, shape, &random)
      isFirst = false
    } else {
      observation.eStep(frame: frame.foreground, psi: network.output(0), gamma: gamma.pointer, shape)
    }
  }

  private func predict(_ frame: GridFrame) {
    views.fill(network.input(0), frame: frame.foreground, psi: network.output(0), gamma: gamma.pointer)
    do {
      try network.forward(0)
    } catch {
      preconditionFailure("\(error)")
    }
    network.initialState.update(from: network.state(after: 0), count: shape.slots * network.stateSize)
  }

  private func label(_ frame: GridFrame) -> GridSegmentation {
    var owners = [Int](repeating: -1, count: shape.pixels)
    var areas = [Int](repeating: 0, count: shape.slots)
    var certainty = [Float](repeating: 0, count: shape.slots)
    for pixel in 0..<shape.pixels where frame.foreground[pixel] >= Self.foregroundLevel {
      func value(_ slot: Int) -> Float { gamma.pointer[slot * shape.pixels + pixel] }
      let owner = (1..<shape.slots).reduce(0) { value($1) > value($0) ? $1 : $0 }
      owners[pixel] = owner
      areas[owner] += 1
      certainty[owner] += value(owner)
    }
    let ended = updateOccupants(areas, certainty)
    let labels = owners.map { $0 < 0 || areas[$0] < Self.minimumCells ? 0 : slots[$0].id }
    let objects = slots.filter { $0.id != 0 }.sorted { $0.id < $1.id }.map {
      GridObject(id: $0.id, confidence: $0.confidence, hidden: $0.unseen > 0)
    }
    return GridSegmentation(
      labels: Image(width: width, height: height, pixels: labels), objects: objects, ended: ended, unassigned: 0)
  }

  private func updateOccupants(_ areas: [Int], _ certainty: [Float]) -> [EndedSlot] {
    var ended: [EndedSlot] = []
    for slot in slots.indices {
      if areas[slot] >= Self.minimumCells {
        if slots[slot].id == 0 {
          slots[slot].id = nextID
          nextID += 1
        }
        slots[slot].unseen = 0
        slots[slot].confidence = certainty[slot] / Float(areas[slot])
      } else if slots[slot].id != 0 {
        slots[slot].unseen += 1
        slots[slot].confidence = 0
        if slots[slot].unseen > Self.patience {
          ended.append(EndedSlot(id: slots[slot].id, reason: .lost))
          slots[slot] = Occupant()
        }
      }
    }
    return ended
  }
}
