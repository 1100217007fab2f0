import CKernels
import Foundation
import Kernels

/// Beliefs about where windows are: for each row a probability along x, then along y. Rows are [slot, sample].
final class PlaceSearch {
  /// Probability that an object is anywhere, over all places.
  private static let strayed: Float = 1e-3
  /// Spread in pixels of a belief around a centre of mass.
  private static let spread: Float = 0.3
  let beliefs: FloatBuffer
  private let prior: FloatBuffer
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
    prior = FloatBuffer(count: beliefs.count)
    evidence = FloatBuffer(count: shape.rows * across * down)
    scratch = FloatBuffer(count: shape.rows * nem_place_evidence_scratch(shape))
  }

  func beliefs(of slot: Int) -> UnsafeMutablePointer<Float> {
    beliefs.pointer + slot * shape.rows * (across + down)
  }

  /// Puts each window around the centre of mass of its picture, [slots, samples, height, width].
  func centre(on pictures: UnsafePointer<Float>) {
    let (width, height) = (shape.width, shape.height)
    for row in 0..<slots * shape.rows {
      let picture = pictures + row * width * height
      var (mass, x, y) = (Float(1e-6), Float(0), Float(0))
      for pixel in 0..<width * height {
        mass += picture[pixel]
        x += picture[pixel] * Float(pixel % width)
        y += picture[pixel] * Float(pixel / width)
      }
      let belief = beliefs.pointer + row * (across + down)
      centre(belief, across, on: x / mass)
      centre(belief + across, down, on: y / mass)
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

  /// Makes every place as likely as any other before the next evidence.
  func forget() {
    for index in 0..<prior.count { prior.pointer[index] = 1 / Float(index % (across + down) < across ? across : down) }
  }

  /// Moves the beliefs by up to `reach` places either way, with equal chances; they are the prior of the next evidence.
  func move() {
    for row in 0..<slots * shape.rows {
      let start = row * (across + down)
      move(beliefs.pointer + start, across, into: prior.pointer + start)
      move(beliefs.pointer + start + across, down, into: prior.pointer + start + across)
    }
    beliefs.pointer.update(from: prior.pointer, count: beliefs.count)
  }

  private func move(_ belief: UnsafePointer<Float>, _ count: Int, into moved: UnsafeMutablePointer<Float>) {
    moved.update(repeating: 0, count: count)
    for place in 0..<count {
      let reached = max(0, place - reach)...min(count - 1, place + reach)
      for other in reached { moved[other] += belief[place] / Float(reached.count) }
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
