import CKernels
import Foundation
import Kernels
import Scenes

/// Beliefs about where windows are: for each row a probability along x, then along y. Rows are [slot, sample].
final class PlaceSearch {
  /// Share of the prior that lies evenly on all places, for objects that strayed.
  private static let strayed: Float = 1e-3
  /// Spread in pixels of a belief around a centre of mass.
  private static let spread: Float = 0.3
  /// What is left of a move's count after another.
  private static let fading: Float = 0.6
  /// Sum of the counts that an axis begins with.
  private static let usual: Float = 1
  let beliefs: FloatBuffer
  private let prior: FloatBuffer
  private let before: FloatBuffer
  /// Counts of moves along x, then along y.
  private let moves: FloatBuffer
  private let shape: nem_placement
  private let slots: Int
  private let reach: Int
  private let least: Float
  private let across: Int
  private let down: Int
  private let evidence: FloatBuffer
  private let scratch: FloatBuffer

  /// Beliefs of `slots` slots for each of the shape's rows.
  init(_ shape: nem_placement, slots: Int, reach: Int, least: Float) {
    (self.shape, self.slots, self.reach, self.least) = (shape, slots, reach, least)
    across = nem_places(shape.width, shape.side, shape.pad)
    down = nem_places(shape.height, shape.side, shape.pad)
    beliefs = FloatBuffer(count: slots * shape.rows * (across + down))
    (prior, before) = (FloatBuffer(count: beliefs.count), FloatBuffer(count: beliefs.count))
    moves = FloatBuffer(count: slots * shape.rows * 2 * (2 * reach + 1))
    evidence = FloatBuffer(count: shape.rows * across * down)
    scratch = FloatBuffer(count: shape.rows * nem_place_evidence_scratch(shape))
  }

  func beliefs(of slot: Int) -> UnsafeMutablePointer<Float> {
    beliefs.pointer + slot * shape.rows * (across + down)
  }

  /// Puts each window around the centre of mass of its picture, [slots, samples, height, width].
  func centre(on pictures: UnsafePointer<Float>) {
    let format = SequenceFormat(frames: 1, height: shape.height, width: shape.width)
    for row in 0..<slots * shape.rows {
      let centre = format.centreOfMass { pictures[row * format.pixels + $0] } ?? (0, 0)
      let belief = beliefs.pointer + row * (across + down)
      self.centre(belief, across, on: centre.x)
      self.centre(belief + across, down, on: centre.y)
    }
  }

  private func centre(_ belief: UnsafeMutablePointer<Float>, _ count: Int, on mass: Float) {
    let corner = min(max(mass - Float(shape.side - 1) / 2 + Float(shape.pad), 0), Float(count - 1))
    var total: Float = 0
    for place in 0..<count {
      let distance = Float(place) - corner
      belief[place] = exp(-distance * distance / (2 * Self.spread * Self.spread))
      total += belief[place]
    }
    for place in 0..<count { belief[place] /= total }
  }

  /// Makes every place as likely as any other before the next evidence, and forgets how objects moved.
  func forget() {
    moves.fill(0)
    for index in 0..<prior.count { prior.pointer[index] = 1 / Float(index % (across + down) < across ? across : down) }
  }

  /// Moves the beliefs by up to `reach` places either way, as they have moved before; they are the prior of the next
  /// evidence.
  func move() {
    before.pointer.update(from: beliefs.pointer, count: beliefs.count)
    forEachAxis { start, count, moves in
      let (belief, moved) = (before.pointer + start, prior.pointer + start)
      let total = (0..<taps).reduce(Self.usual) { $0 + moves[$1] }
      moved.update(repeating: 0, count: count)
      for place in 0..<count {
        for tap in 0..<taps {
          let chance = (moves[tap] + Self.usual / Float(taps)) / total
          moved[min(max(place + tap - reach, 0), count - 1)] += belief[place] * chance
        }
      }
    }
    beliefs.pointer.update(from: prior.pointer, count: beliefs.count)
  }

  /// Counts how the beliefs have moved since `move`; older counts fade.
  func countMoves() {
    forEachAxis { start, count, moves in
      let (old, new) = (before.pointer + start, beliefs.pointer + start)
      for tap in 0..<taps {
        moves[tap] *= Self.fading
        for place in max(0, reach - tap)..<min(count, count + reach - tap) {
          moves[tap] += old[place] * new[place + tap - reach]
        }
      }
    }
  }

  private var taps: Int { 2 * reach + 1 }

  /// Calls `body` for each row and axis: where its beliefs start, how many there are, and how they have moved.
  private func forEachAxis(_ body: (_ start: Int, _ count: Int, _ moves: UnsafeMutablePointer<Float>) -> Void) {
    for row in 0..<slots * shape.rows {
      let (start, moves) = (row * (across + down), moves.pointer + row * 2 * taps)
      body(start, across, moves)
      body(start + across, down, moves + taps)
    }
  }

  /// The beliefs about one slot, given a frame, what the others draw of it, [samples, height, width] both, and the slot's
  /// windows, [samples, side, side].
  func weigh(
    _ slot: Int, frame: UnsafePointer<Float>, others: UnsafePointer<Float>, windows: UnsafePointer<Float>
  ) {
    nem_place_evidence(shape, frame, others, windows, least, scratch.pointer, evidence.pointer)
    for sample in 0..<shape.rows {
      let start = (slot * shape.rows + sample) * (across + down)
      weigh(evidence.pointer + sample * across * down, prior: prior.pointer + start, into: beliefs.pointer + start)
    }
  }

  /// The margins of prior · e^evidence.
  private func weigh(
    _ evidence: UnsafeMutablePointer<Float>, prior: UnsafePointer<Float>, into belief: UnsafeMutablePointer<Float>
  ) {
    let floor = Self.strayed / Float(across * down)
    var largest = -Float.infinity
    for y in 0..<down {
      for x in 0..<across {
        evidence[y * across + x] += log(prior[x] * prior[across + y] + floor)
        largest = max(largest, evidence[y * across + x])
      }
    }
    belief.update(repeating: 0, count: across + down)
    var total: Float = 0
    for y in 0..<down {
      for x in 0..<across {
        let weight = exp(evidence[y * across + x] - largest)
        (belief[x], belief[across + y], total) = (belief[x] + weight, belief[across + y] + weight, total + weight)
      }
    }
    for place in 0..<across + down { belief[place] /= total }
  }
}
