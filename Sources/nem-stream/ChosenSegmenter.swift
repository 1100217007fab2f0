import Daemon
import Masks
import NEM
import Pipeline
import VideoIO

/// The segmenter that the options ask for, with what the manifest says of it.
struct ChosenSegmenter {
  let segmenter: any Segmenter
  let slots: Int
  let modelRecord: Manifest.Model?

  /// Loads the model, if one is needed. The model file decides between the object-centred and the full-frame tracker.
  init(_ choice: SegmenterChoice, model name: String, slots: Int?, seed: UInt64, smallest: Int? = nil) throws {
    var configuration = TrackerConfiguration()
    configuration.slots = slots ?? configuration.slots
    guard choice == .rnnEM, name != "none" else {
      self.slots = configuration.slots
      modelRecord = nil
      segmenter =
        switch choice {
        case .gmm: Segmenters.components(smallest: smallest)
        case .sort: Segmenters.components(SORTTracker(), smallest: smallest)
        case .rnnEM: Segmenters.objectCentred(configuration, predictor: nil, seed: seed, smallest: smallest)
        }
      return
    }
    let path = try ModelLocator.path(name)
    let model = try Model(path: path)
    modelRecord = Manifest.Model(name: name, sha256: try FileDigest.sha256(path))
    switch model.description.kind {
    case .objectCentred:
      self.slots = configuration.slots
      segmenter = Segmenters.objectCentred(
        configuration, predictor: try ShapeNetwork(model), seed: seed, smallest: smallest)
    case .fullFrame:
      guard smallest == nil else {
        throw CommandFault(description: "\(name) sees the whole frame, where --min-area means nothing", exitCode: 64)
      }
      self.slots = slots ?? model.description.slots
      segmenter = try Segmenters.fullFrame(model, slots: self.slots, seed: seed)
    }
  }
}
