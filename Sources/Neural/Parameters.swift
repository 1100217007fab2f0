import CKernels
import Foundation
import Kernels

/// How a parameter tensor starts.
public enum Initializer: Sendable, Equatable {
  /// Uniform in ±√(6 / (fanIn + fanOut)) (Glorot & Bengio 2010).
  case glorotUniform(fanIn: Int, fanOut: Int)
  /// All elements the same.
  case constant(Float)
}

/// The name, shape and place of one tensor inside a parameter block.
public struct ParameterEntry: Sendable, Equatable {
  /// Dotted path, as in the model file.
  public let name: String
  /// Dimensions, outermost first.
  public let shape: [Int]
  /// Index of its first element in the block; a multiple of 16.
  public let offset: Int
  /// How it starts.
  public let initializer: Initializer

  /// Number of elements.
  public var count: Int { shape.reduce(1, *) }
}

/// Collects the tensors that a network's layers declare, before the block is allocated.
struct ParameterLayout {
  private(set) var entries: [ParameterEntry] = []
  private(set) var count = 0

  mutating func declare(_ name: String, _ shape: [Int], _ initializer: Initializer) -> ParameterEntry {
    let entry = ParameterEntry(name: name, shape: shape, offset: count, initializer: initializer)
    entries.append(entry)
    count += (entry.count + 15) / 16 * 16
    return entry
  }
}

/// A part of a network by the first word of its tensors' names.
public enum NetworkPart: String, Codable, Sendable, CaseIterable {
  case encoder, cell, decoder
}

/// All parameters of a network in one block, with their gradients and Adam's moments in blocks of the same layout.
public final class Parameters {
  /// The tensors in the order of declaration.
  public let entries: [ParameterEntry]
  /// Values, gradients, first and second moments: blocks with the entries' offsets.
  public let values: FloatBuffer
  /// dL/dvalue, filled by the backward pass.
  public let gradients: FloatBuffer
  /// Adam's running mean of the gradient.
  public let firstMoment: FloatBuffer
  /// Adam's running mean of the squared gradient.
  public let secondMoment: FloatBuffer
  /// Number of optimiser steps taken.
  public var updates = 0

  init(_ layout: ParameterLayout) {
    entries = layout.entries
    values = FloatBuffer(count: layout.count)
    gradients = FloatBuffer(count: layout.count)
    firstMoment = FloatBuffer(count: layout.count)
    secondMoment = FloatBuffer(count: layout.count)
  }

  /// Draws every tensor anew as its initializer says.
  public func initialize(seed: UInt64) {
    var random = RandomSource(seed: seed)
    for entry in entries {
      let target = values.pointer + entry.offset
      for index in 0..<entry.count {
        switch entry.initializer {
        case .constant(let value): target[index] = value
        case .glorotUniform(let fanIn, let fanOut):
          let limit = (6 / Float(fanIn + fanOut)).squareRoot()
          target[index] = random.uniform(-limit, limit)
        }
      }
    }
  }

  /// Number of scalar parameters.
  public var count: Int { entries.reduce(0) { $0 + $1.count } }

  /// The values of a named tensor.
  public subscript(name: String) -> UnsafeMutableBufferPointer<Float>? {
    guard let entry = entries.first(where: { $0.name == name }) else { return nil }
    return UnsafeMutableBufferPointer(start: values.pointer + entry.offset, count: entry.count)
  }

  /// Forgets a part's gradients, so that an optimiser that starts with it leaves it as it is.
  public func clearGradients(of part: NetworkPart) {
    for entry in entries where entry.name.hasPrefix(part.rawValue + ".") {
      gradient(entry).update(repeating: 0, count: entry.count)
    }
  }

  func value(_ entry: ParameterEntry) -> UnsafeMutablePointer<Float> { values.pointer + entry.offset }
  func gradient(_ entry: ParameterEntry) -> UnsafeMutablePointer<Float> { gradients.pointer + entry.offset }
}

/// Adam (Kingma & Ba 2015), algorithm 1.
public struct Adam: Sendable, Codable, Equatable {
  /// Step size α.
  public var rate: Float
  /// Decay of the first moment.
  public var beta1: Float = 0.9
  /// Decay of the second moment.
  public var beta2: Float = 0.999
  /// Added to the root of the second moment.
  public var epsilon: Float = 1e-8

  /// Adam with the paper's decays.
  public init(rate: Float = 1e-3) { self.rate = rate }

  /// Moves the values one step along their gradients.
  public func step(_ parameters: Parameters) {
    parameters.updates += 1
    let t = Float(parameters.updates)
    let correction1 = 1 - pow(beta1, t)
    let correction2 = (1 - pow(beta2, t)).squareRoot()
    nem_adam(
      parameters.values.pointer, parameters.gradients.pointer, parameters.firstMoment.pointer,
      parameters.secondMoment.pointer, parameters.values.count, rate * correction2 / correction1, beta1, beta2,
      epsilon * correction2)
  }
}
