import ArgumentParser
import Foundation
import NEM
import Neural
import Scenes

/// One of the papers' networks, by next-step prediction on clips generated as it goes, or on a file's.
struct TrainClips<Clips: ClipSet>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Clips.name, abstract: "Train one of the papers' systems on \(Clips.name.dashless).",
      discussion: "Example: nem-stream train \(Clips.name) --model mine.safetensors --updates 2000")
  }

  @Option(help: "Model file to write.") var model: String
  @Option(help: ArgumentHelp("HDF5 file of training and validation clips.", valueName: "file"))
  var data: String?
  @Option(help: "Slots K.") var slots = Clips.training.slots
  @Option(help: "Unrolled EM steps.") var steps = Clips.training.steps
  @Option(help: "Clips in each update.") var batch = Clips.training.batch
  @Option(help: "Updates in all.") var updates = 1000
  @Option(help: "Adam's step size.") var rate = Clips.training.rate
  @Option(help: "Share of the updates, at the end, over which the rate falls to zero.") var decay: Float = 0.3
  @Option(help: "Probability of \(Clips.isBinary ? "a flipped" : "a noise") pixel.")
  var noise = Clips.training.noise
  @Option(help: ArgumentHelp("Weight of the prior, λ.", valueName: "n")) var priorWeight = Clips.training.loss
    .priorWeight
  @Option(help: ArgumentHelp("What the gradient takes responsibilities for.", valueName: "way")) var gammaGradient =
    Clips.training.loss.gammaGradient
  @Option(help: ArgumentHelp("Losses that count.", valueName: "set")) var countedSteps = Clips.training.loss.steps
  @Option(help: ArgumentHelp("Part of the network that stays as it is; repeatable.", valueName: "part"))
  var keep: [NetworkPart] = []
  @Option(help: ArgumentHelp("Largest norm of the gradient; no limit when left out.", valueName: "n"))
  var gradientLimit: Float?
  @Option(help: "System to train.") var system = PublishedSystem.rnnEM
  @Flag(help: "Let slots see what others leave; the papers' do not.") var seeOthers = false
  @Option(help: ArgumentHelp("Another network: placed, memory, or a JSON file.", valueName: "file"))
  var network: String?
  @Option(help: "Seed of weights, clips and noise.") var seed: UInt64 = 1
  @Option(help: "Model file whose weights are the start.") var from: String?
  @Option(help: "CPU threads.") var threads = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: ArgumentHelp("Updates between checkpoints.", valueName: "n")) var checkpointInterval = 100
  @Flag(help: "Continue from MODEL.checkpoint of a stopped run.") var resume = false
  @OptionGroup var clips: Clips

  func validate() throws {
    try Clips.check(
      [
        ("--steps", steps), ("--batch", batch), ("--updates", updates), ("--threads", threads),
        ("--checkpoint-interval", checkpointInterval),
      ], 1...1_000_000)
    try Clips.check([("--slots", slots)], ModelDescription.slotRange)
    guard !seeOthers || system != .nEM else {
      throw ValidationError("--see-others is not for n-em, whose step is that of δ alone")
    }
    guard system != .nEM || network != "placed" else {
      throw ValidationError("--network placed draws in windows; --system n-em has none")
    }
    try Clips.check(data, clips)
    guard gradientLimit ?? 1 > 0 else { throw ValidationError("--gradient-limit must be above 0") }
    guard rate > 0, rate <= 1 else { throw ValidationError("--rate is \(rate); it must be above 0 and at most 1") }
    guard (0...0.5).contains(noise) else { throw ValidationError("--noise is \(noise); it must be 0…0.5") }
    guard (0...1).contains(decay) else { throw ValidationError("--decay is \(decay); it must be 0…1") }
    guard (0...100).contains(priorWeight) else {
      throw ValidationError("--prior-weight is \(priorWeight); it must be 0…100")
    }
  }

  func run() throws {
    let group = try ProcessGroup.launched()
    setTensorThreads(1)
    let files = TrainingFiles(model: model)
    try files.check(resume: resume)
    let network = try chosenNetwork()
    let description = ModelDescription(
      kind: .fullFrame, network: network.with(system, seesOthers: seeOthers),
      observation: observation(of: network), slots: slots, command: TrainingFiles.command)
    let (source, heldOut) = try sources(steps: options.frames(of: description.network) - 1)
    let start = try Model(description, seed: seed)
    if let from { try start.loadWeights(from: ModelLocator.path(from)) }
    let trainer = try Trainer(start, source, options: options, data: words, threads: threads, group: group)
    let validation = try heldOut.map { try ValidationLoss(start, $0.source, count: $0.count, options: options) }
    if resume { try trainer.resume(from: files.checkpoint) }
    Interruption.install()
    try files.run(
      trainer, total: updates, clipsPerUpdate: batch, interval: checkpointInterval, validate: validation?.compute,
      group: group)
    group.finish()
    if group.isFirst { try files.finish(trainer.model.write) }
  }

  private func chosenNetwork() throws -> NetworkDescription {
    guard let network else { return Clips.network }
    let input = Clips.network.input
    guard network == "placed" || network == "memory" else { return try NetworkFile.read(network, input: input) }
    guard let object = Clips.object else {
      throw CommandFault(
        description: "--network \(network) is for figures on a dark ground, not for \(Clips.name.dashless)",
        exitCode: 64)
    }
    if network == "memory" {
      guard system == .rnnEM else {
        throw CommandFault(description: "--network memory has no cell; --system is not for it", exitCode: 64)
      }
      return .remembering(input, side: object.side, reach: object.reach)
    }
    // All steps on a still picture are looks at it.
    return .placed(input, side: object.side, reach: object.reach, looks: Clips.frames == 1 ? nil : 2)
  }

  /// A window's ψ is a probability, and what is drawn as one is grey; the papers' ψ of grey frames is any number.
  private func observation(of network: NetworkDescription) -> String {
    if Clips.isBinary { return "bernoulli" }
    return network.placement == nil && network.memory == nil ? "gaussian" : "grey-bernoulli"
  }

  /// What the clips and the first weights are.
  private var words: String {
    let start = from.map { ", weights of \($0)" } ?? ""
    return (data.map { "clips of \($0)" } ?? "\(Clips.name) \(clips.words)") + start
  }

  private var options: TrainingOptions {
    var options = Clips.training
    (options.slots, options.steps, options.batch, options.updates) = (slots, steps, batch, updates)
    (options.rate, options.decay, options.noise, options.seed) = (rate, decay, noise, seed)
    (options.loss.priorWeight, options.loss.gammaGradient) = (priorWeight, gammaGradient)
    options.loss.steps = countedSteps
    options.kept = keep
    options.gradientLimit = gradientLimit
    return options
  }

  /// The clips to train on, and those of a file to validate on: at most 1,000, as in the papers.
  private func sources(
    steps: Int
  ) throws -> (any SequenceSource, (source: any SequenceSource, count: Int)?) {
    guard let data else { return (try clips.source(.training, frames: steps + 1, seed: seed), nil) }
    let training = try Clips.file(data, .training, steps: steps)
    let validation = try Clips.file(data, .validation, steps: steps)
    return (
      ShuffledSequences(training, count: training.count, seed: seed), (validation, min(validation.count, 1000))
    )
  }
}

extension GammaGradient: ExpressibleByArgument {}

extension LossSteps: ExpressibleByArgument {}

extension NetworkPart: ExpressibleByArgument {}

extension PublishedSystem: ExpressibleByArgument {}

extension Trainer: ResumableTraining {
  var isFinished: Bool { update >= options.updates }
}
