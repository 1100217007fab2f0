import Kernels

/// Where the objects of a video are in each of its frames, laid down before the first is drawn, so that no object stays
/// hidden for long: one whose path would do so, or make another do so, is replaced by another one.
struct SilhouettePlan: Sendable {
  /// An object in the successive frames of its life, from frame `first` on.
  private struct Path: Sendable {
    let first: Int
    let steps: [SilhouetteActor]
    /// Pixels of its silhouette in each step; empty once no later path can meet it.
    var silhouettes: [[Int32]]

    var frames: Range<Int> { first..<first + steps.count }
  }

  private let configuration: SilhouetteVideoConfiguration
  /// Small ones are far and come first, so that large ones can hide them; equal sizes keep the order of arrival.
  private var paths: [Path] = []
  private var frameFacts: [FrameFacts]
  /// Scenery in front of all objects.
  let screen: PixelRect

  init(_ configuration: SilhouetteVideoConfiguration, _ random: inout RandomSource) {
    self.configuration = configuration
    frameFacts = Array(repeating: FrameFacts(), count: configuration.frames)
    let (width, height) = (configuration.scene.width, configuration.scene.height)
    let top = random.integer(below: height * 2 / 5)
    screen = PixelRect(
      x: width / 4 + random.integer(below: width / 3), y: top, width: width / 12 + random.integer(below: width / 12),
      height: height - top)
    var id: Int32 = 1
    for frame in configuration.warmUp..<max(configuration.frames, configuration.warmUp) {
      let present = paths.count { $0.frames.contains(frame) }
      guard present < configuration.scene.maximumObjects, random.uniform() < configuration.scene.arrivalRate else {
        continue
      }
      for index in paths.indices where paths[index].frames.upperBound <= frame { paths[index].silhouettes = [] }
      // 255 stands for unknown pixels in masks as DAVIS has them.
      if admit(id, at: frame, &random) { id += id == 254 ? 2 : 1 }
    }
  }

  /// What can be told of the whole video.
  var facts: SceneFacts { SceneFacts(frameFacts) }

  /// The objects of a frame, far ones first.
  func actors(in frame: Int) -> [SilhouetteActor] {
    paths.filter { $0.frames.contains(frame) }.map { $0.steps[frame - $0.first] }
  }

  /// Looks for an object that hides nobody for too long; false if some tries find none.
  private mutating func admit(_ id: Int32, at frame: Int, _ random: inout RandomSource) -> Bool {
    for _ in 0..<20 {
      let path = self.path(id, from: frame, &random)
      var trial = self
      let size = path.steps[0].radiusX * path.steps[0].radiusY
      let place = paths.firstIndex { $0.steps[0].radiusX * $0.steps[0].radiusY > size } ?? paths.count
      trial.paths.insert(path, at: place)
      for frame in path.frames { trial.frameFacts[frame] = trial.layers(in: frame).facts }
      let isShort = trial.facts.occlusions.allSatisfy {
        $0.lastFrame - $0.firstFrame < configuration.longestOcclusion
      }
      guard isShort else { continue }
      self = trial
      return true
    }
    return false
  }

  private func path(_ id: Int32, from first: Int, _ random: inout RandomSource) -> Path {
    let scene = configuration.scene
    var actor = SilhouetteActor(id: id, scene, &random)
    var steps: [SilhouetteActor] = []
    var silhouettes: [[Int32]] = []
    while first + steps.count < configuration.frames && !actor.isGone(scene) {
      steps.append(actor)
      silhouettes.append(actor.silhouette(width: scene.width, height: scene.height))
      actor.move(scene, &random)
    }
    return Path(first: first, steps: steps, silhouettes: silhouettes)
  }

  private func layers(in frame: Int) -> ObjectLayers {
    var layers = ObjectLayers(width: configuration.scene.width, height: configuration.scene.height)
    for path in paths where path.frames.contains(frame) {
      let step = frame - path.first
      layers.add(UInt16(path.steps[step].id), pixels: path.silhouettes[step].lazy.map(Int.init))
    }
    layers.add(0, pixels: screen.indices(width: configuration.scene.width))
    return layers
  }
}

extension SilhouetteActor {
  /// The pixels of a picture that belong to the object, were it alone.
  func silhouette(width: Int, height: Int) -> [Int32] {
    var pixels: [Int32] = []
    trace(width: width, height: height) { pixel, _, _, depth in
      if depth >= 0 { pixels.append(Int32(pixel)) }
    }
    return pixels
  }
}

extension PixelRect {
  /// The indices of its pixels in a picture of the given width.
  func indices(width pictureWidth: Int) -> some Sequence<Int> {
    let columns = width
    return (y..<y + height).lazy.flatMap { row in row * pictureWidth + x..<row * pictureWidth + x + columns }
  }
}
