import Foundation
import Kernels
import Neural
import Scenes

/// One thread's share of teaching a network what a window holds, given a memory of it: clips of lone objects, each laid
/// under the next one of its shard. Nobody says what belongs together.
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
    let shards = options.batch / options.shardSize
    var random = RandomSource(seed: options.seed ^ 0x5EED, index: UInt64(update * shards + shard))
    let first = update * options.batch + shard * options.shardSize
    let targets = try remember(source, first: first, &random)
    memory.show(to: network.input(0))
    try network.forward(0)
    network.beginBackward()
    let (input, output, slope) = (network.input(0), network.output(0), network.outputGradient(0))
    let scale = 1 / Float(options.shardSize)
    var total = 0.0
    for (index, target) in targets.enumerated() {
      let logit = WindowMemory.logit(index, input: input, output: output)
      total += Double(crossEntropy(logit: logit, target))
      slope[index] = scale * (1 / (1 + exp(-logit)) - target)
    }
    try network.backward(0)
    try network.finishBackward()
    gradient.pointer.update(from: network.parameters.gradients.pointer, count: gradient.count)
    return total / Double(options.shardSize)
  }

  /// Fills the memory with a shard's examples and returns their targets, [clips, side, side].
  private func remember(_ source: any SequenceSource, first: Int, _ random: inout RandomSource) throws -> [Float] {
    let objects = try (0..<options.shardSize).map { try LoneObject(source.sequence(first + $0), side: side) }
    let cells = side * side
    return objects.indices.flatMap { index in
      let other = objects[(index + 1) % objects.count]
      let example = MemoryExample(objects[index], under: other, side: side, &random)
      (memory.lit.pointer + index * cells).update(from: example.lit, count: cells)
      (memory.looks.pointer + index * cells).update(from: example.looks, count: cells)
      return example.target
    }
  }
}
