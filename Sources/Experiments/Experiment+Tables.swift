import NEM
import Neural

/// The experiments, one after another. The number of updates is what we take without a budget.
extension Experiment {
  /// All, as the command names them.
  package static let all = [shapes, flyingShapes, flyingMNIST, balls]

  /// Still shapes, three in a picture: RNN-EM against N-EM at the tenth look (Greff et al. 2016), and RNN-EM whose slots
  /// draw their shape at a place. The papers' RNN-EM has no normalised cell.
  package static let shapes: Experiment = {
    var network = NetworkDescription.shapes
    network.cell.normalized = true
    func run(_ name: String, _ system: PublishedSystem, rates: [Float]) -> Run {
      Run(name: name, system: system, slots: 3, stages: shapeStages(rates), trials: [trial])
    }
    let trial = Trial(name: "3-shapes", clips: .shapes(3), slots: 3, steps: 10, counted: .last)
    func score(_ run: String) -> Score { Score(run: run, trial: trial.name, measure: .ami) }
    return Experiment(
      name: "shapes", network: network, observation: "bernoulli",
      runs: [
        run("rnn-em", .rnnEM, rates: [3e-3, 1e-3]), run("n-em", .nEM, rates: [5e-3, 3e-3]),
        Run(
          name: "placed", network: .placed([28, 28, 1], side: 12, reach: 1, looks: nil), slots: 3,
          stages: placedShapeStages, trials: [trial]),
      ],
      rows: [
        Row(label: "AMI, RNN-EM", value: .score(score("rnn-em")), published: 0.83),
        Row(label: "AMI, N-EM", value: .score(score("n-em")), published: 0.41, target: 0.45),
        Row(label: "AMI, RNN-EM above N-EM", value: .margin(score("rnn-em"), above: score("n-em")), target: 0),
        Row(label: "AMI, RNN-EM that places its shapes", value: .score(score("placed")), target: 0.90),
      ])
  }()

  /// One slot learns to draw one shape in few steps, which is cheap; then three slots share three shapes, with the
  /// papers' loss.
  private static func shapeStages(_ rates: [Float]) -> [Stage] {
    var (single, all) = (TrainingOptions.shapes, TrainingOptions.shapes)
    (single.batch, single.steps, single.updates, single.rate) = (32, 3, 4000, rates[0])
    single.loss = UnrollLoss()
    (all.batch, all.updates, all.rate, all.decay) = (16, 6000, rates[1], 0.5)
    return [Stage(clips: .shapes(1), options: single, slots: 1), Stage(clips: .shapes(3), options: all)]
  }

  /// The same order; all looks count, γ differentiated in the free energy.
  private static let placedShapeStages: [Stage] = {
    var single = flyingObject.options
    single.steps = 4
    var all = single
    (all.steps, all.updates, all.rate, all.loss.gammaGradient) = (6, 600, 1e-3, .freeEnergy)
    return [Stage(clips: .shapes(1), options: single, slots: 1), Stage(clips: .shapes(3), options: all)]
  }()

  /// Flying shapes: several numbers of objects and slots, and the autoencoder K = 1 beside them (Greff et al. 2017). Slots
  /// draw their shape at a place, learn from where one was that has seen single shapes, and begin a clip in several ways;
  /// those of four and five shapes go on from where those of two and three were. The autoencoder has to draw all shapes at
  /// once: it is dense, starts fresh, learns from as many shapes as it is tested on and sees as many clips.
  package static let flyingShapes: Experiment = {
    var network = NetworkDescription.placed([28, 28, 1], side: 12, reach: 2)
    network.starts = 16
    func trial(_ objects: Int, _ slots: Int) -> Trial {
      Trial(name: "\(objects)-objects-k\(slots)", clips: .flyingShapes(objects...objects), slots: slots, steps: 20)
    }
    func run(slots: Int, on trials: [Trial]) -> Run {
      Run(
        name: "3-objects-k\(slots)", slots: slots, start: "one-object",
        stages: [flyingGroups(slots: slots), flyingLonger(slots: slots)], trials: trials)
    }
    let five = Run(
      name: "5-objects-k5", slots: 5, start: "3-objects-k5", stages: [flyingCrowds],
      trials: [trial(5, 5), trial(3, 5), trial(4, 5)])
    func autoencoder(_ objects: Int) -> Run {
      Run(
        name: "\(objects)-objects-k1", system: .lstm, network: .dense([28, 28, 1]), slots: 1,
        stages: flyingAutoencoder(objects), trials: [trial(objects, 1)])
    }
    func ami(_ run: String, _ trial: String, _ published: Double, target: Double? = nil) -> Row {
      Row(label: "AMI, \(run) on \(trial)", value: .of(run, trial, .ami), published: published, target: target)
    }
    func autoencoded(_ objects: Int) -> Score {
      Score(run: "\(objects)-objects-k1", trial: "\(objects)-objects-k1", measure: .bce)
    }
    func grouped(_ objects: Int) -> Score {
      Score(run: objects == 3 ? "3-objects-k5" : five.name, trial: "\(objects)-objects-k5", measure: .bce)
    }
    return Experiment(
      name: "flying-shapes", network: network, observation: "bernoulli",
      runs: [
        Run(name: "one-object", slots: 1, stages: [flyingObject], trials: []),
        run(slots: 3, on: [trial(3, 3), trial(3, 5)]),
        run(slots: 5, on: [trial(3, 5), trial(3, 3), trial(5, 5)]), five,
        autoencoder(3), autoencoder(4), autoencoder(5),
      ],
      rows: [
        ami("3-objects-k3", "3-objects-k3", 0.970, target: 0.97),
        ami("3-objects-k3", "3-objects-k5", 0.972, target: 0.97),
        ami("3-objects-k5", "3-objects-k5", 0.997, target: 0.99), ami("3-objects-k5", "3-objects-k3", 0.914),
        ami("5-objects-k5", "5-objects-k5", 0.878, target: 0.90), ami("5-objects-k5", "3-objects-k5", 0.981),
      ]
        + [3, 4, 5].map { objects in
          Row(
            label: "next-step BCE, K = 1 over K = 5, \(objects) objects",
            value: .ratio(autoencoded(objects), over: grouped(objects)), target: 1.3)
        },
      lossOverObjects: [
        LossSeries(name: "K=1", points: [3, 4, 5].map { ($0, autoencoded($0)) }),
        LossSeries(name: "K=5", points: [3, 4, 5].map { ($0, grouped($0)) }),
      ])
  }()

  /// One slot learns to draw one shape and to say where it goes; six frames, two looks at each.
  private static let flyingObject: Stage = {
    var options = TrainingOptions()
    (options.batch, options.steps, options.updates, options.noise) = (32, 11, 1500, 0.02)
    (options.rate, options.decay, options.gradientLimit) = (2e-3, 0.8, 100)
    return Stage(clips: .flyingShapes(1...1), options: options)
  }()

  /// Slots learn to share the shapes, γ differentiated in the free energy. Some clips have a shape less, so that a slot
  /// learns to stay without one. More slots have more to learn.
  private static func flyingGroups(slots: Int) -> Stage {
    var options = flyingObject.options
    (options.updates, options.rate, options.loss.gammaGradient) = (400 * slots, 1e-3, .freeEnergy)
    return Stage(clips: .flyingShapes(2...3), options: options)
  }

  /// The same on twelve frames, for velocities and shapes that several frames tell.
  private static func flyingLonger(slots: Int) -> Stage {
    var stage = flyingGroups(slots: slots)
    (stage.options.steps, stage.options.updates) = (23, 100 * slots)
    return stage
  }

  /// A few updates more on twelve frames, with four or five shapes.
  private static let flyingCrowds: Stage = {
    var options = flyingLonger(slots: 5).options
    (options.updates, options.rate) = (300, 3e-4)
    return Stage(clips: .flyingShapes(4...5), options: options)
  }()

  /// As many updates as with a slot for each object, on all of the objects and with as long unrolls of one look.
  private static func flyingAutoencoder(_ objects: Int) -> [Stage] {
    var first = flyingObject.options
    let groups = flyingGroups(slots: objects)
    (first.steps, first.updates) = (10, flyingObject.options.updates + groups.options.updates)
    var longer = first
    (longer.steps, longer.rate) = (20, groups.options.rate)
    longer.updates = flyingLonger(slots: objects).options.updates
    return [first, longer].map { Stage(clips: .flyingShapes(objects...objects), options: $0) }
  }

  /// Flying MNIST: two digits, then three (Greff et al. 2017). Slots remember their digit; their network has seen lone
  /// digits laid over each other, never who is who.
  package static let flyingMNIST: Experiment = {
    var options = TrainingOptions()
    (options.batch, options.steps, options.updates) = (64, 9, 4000)
    (options.decay, options.noise) = (0.9, 0)
    let trials = [2, 3].map { digits in
      Trial(name: "\(digits)-digits", clips: .digits(digits), slots: digits, steps: 20)
    }
    func ami(_ digits: Int, published: Double, target: Double) -> Row {
      Row(
        label: "AMI, \(digits) digits", value: .of("memory", "\(digits)-digits", .ami), published: published,
        target: target)
    }
    return Experiment(
      name: "flying-mnist", network: .remembering([24, 24, 1], side: 14, reach: 2), observation: "grey-bernoulli",
      runs: [
        Run(name: "memory", slots: 2, stages: [Stage(clips: .digits(1), options: options)], trials: trials)
      ],
      rows: [ami(2, published: 0.917, target: 0.92), ami(3, published: 0.838, target: 0.84)])
  }()

  /// Balls that collide: R-NEM against RNN-EM and an LSTM without slots (van Steenkiste et al. 2018).
  package static let balls: Experiment = {
    let systems: [(PublishedSystem, slots: Int)] = [(.rNEM, 5), (.rnnEM, 5), (.lstm, 1)]
    var single = TrainingOptions.balls
    (single.batch, single.steps, single.updates, single.decay, single.noise) = (32, 6, 706, 0.5, 0.02)
    var all = single
    (all.batch, all.steps) = (16, 10)
    let runs = systems.map { system, slots in
      Run(
        name: system.rawValue, system: system, slots: slots,
        stages: [
          Stage(clips: .balls(1...1), options: single, slots: 1), Stage(clips: .balls(4...4), options: all),
        ],
        trials: [
          Trial(name: "4-balls", clips: .balls(4...4), slots: slots, steps: 30),
          Trial(name: "6-to-8-balls", clips: .balls(6...8), slots: slots == 1 ? 1 : 8, steps: 30),
        ], hasRollout: true)
    }
    let measures: [(String, Measure)] = [("BCE", .bce), ("BCE at collisions", .collisionBCE)]
    let cases = ["4-balls", "6-to-8-balls"].flatMap { trial in measures.map { (trial, $0.0, $0.1) } }
    let own = cases.flatMap { trial, words, measure in
      systems.map { system, _ in
        Row(label: "\(words), \(system.rawValue), \(trial)", value: .of(system.rawValue, trial, measure))
      }
    }
    let ratios = cases.map { trial, words, measure in
      Row(
        label: "\(words), rnn-em over r-nem, \(trial)", value: .ratio("rnn-em", over: "r-nem", trial, measure),
        target: 1)
    }
    return Experiment(
      name: "balls", network: .dense([64, 64, 1]), observation: "bernoulli", runs: runs, rows: own + ratios)
  }()
}
