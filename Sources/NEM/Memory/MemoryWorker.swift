import Kernels
import Neural
import Scenes

/// One thread's share of teaching a network what a window holds, given a memory of it: clips of lone objects, each laid
/// under the next one. Nobody says what belongs together.
final class MemoryWorker: ShardWorker, @unchecked Sendable {
  private let network: any SlotNetwork
  private let options: TrainingOptions
  private let memory: WindowMemory
  private let side: Int

  init(_ description: ModelDescription, _ memory: MemoryDescription, _ options: TrainingOptions) throws {
    (self.options, side) = (options, memory.side)
    network = try description.network.makeNetwork(seed: 0)
    network.reserve(steps: 1, batch: options.shardSize, slots: 1, training: true)
    self.memory = WindowMemory(count: options.shardSize * side * side)
  }

  func take(_ values: FloatBuffer) { network.take(values) }

  /// The cross entropy of windows, summed over pixels, mean over a shard's clips, and its gradient.
  func run(_ source: any SequenceSource, update: Int, shard: Int, into gradient: FloatBuffer) throws -> Double {
    let loss = try loss(source, update: update, shard: shard)
    network.beginBackward()
    try network.backward(0)
    try network.finishBackward()
    gradient.pointer.update(from: network.parameters.gradients.pointer, count: gradient.count)
    return loss
  }

  /// The loss alone; its slope is left to the network.
  func loss(_ source: any SequenceSource, update: Int, shard: Int) throws -> Double {
    var (random, firstClip) = options.draw(update: update, shard: shard)
    let targets = try remember(source, first: firstClip, &random)
    memory.show(to: network.input(0))
    try network.forward(0)
    let (input, output, slope) = (network.input(0), network.output(0), network.outputGradient(0))
    let scale = 1 / Float(options.shardSize)
    var total = 0.0
    for (index, target) in targets.enumerated() {
      let entropy = CrossEntropy(logit: WindowMemory.logit(index, input: input, output: output), target)
      total += Double(entropy.value)
      slope[index] = scale * entropy.slope
    }
    return total / Double(options.shardSize)
  }

  /// Fills the memory with a shard's examples and returns their targets, [clips, side, side].
  private func remember(_ source: any SequenceSource, first: Int, _ random: inout RandomSource) throws -> [Float] {
    let objects = try (0...options.shardSize).map { try LoneObject(source.sequence(first + $0), side: side) }
    let cells = side * side
    return (0..<options.shardSize).flatMap { index in
      let example = MemoryExample(objects[index], under: objects[index + 1], side: side, &random)
      (memory.lit.pointer + index * cells).update(from: example.lit, count: cells)
      (memory.looks.pointer + index * cells).update(from: example.looks, count: cells)
      return example.target
    }
  }
}
