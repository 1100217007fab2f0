import Foundation
import Neural
import Testing

@Suite struct NetworkDescriptionTests {
  /// Model files from before input normalisation do not name it.
  @Test func normalizationIsOptionalInFiles() throws {
    let old = try JSONEncoder().encode(NetworkDescription.flyingShapes)
    #expect(!String(decoding: old, as: UTF8.self).contains("normalizesInput"))
    #expect(try JSONDecoder().decode(NetworkDescription.self, from: old) == .flyingShapes)
    let new = try JSONEncoder().encode(NetworkDescription.flyingMNIST)
    #expect(try JSONDecoder().decode(NetworkDescription.self, from: new).normalizesInput == true)
  }

  @Test(arguments: [\NetworkDescription.normalizesInput, \.seesOthers])
  func aGradientCellTakesItsResidualAsItIs(_ setting: WritableKeyPath<NetworkDescription, Bool?> & Sendable) {
    var network = NetworkDescription.shapes.with(.nEM)
    #expect(network.fault == nil)
    network[keyPath: setting] = true
    #expect(network.fault != nil)
  }

  /// A description comes from a file: what cannot be built, or would not fit the frames, is named.
  @Test func shapesAreFollowed() {
    func fault(_ decoder: [LayerDescription], encoder: [LayerDescription] = [], cell: Int = 6) -> String? {
      NetworkDescription(
        input: [4, 4, 1], encoder: encoder, cell: .linear(cell, activation: .tanh), decoder: decoder
      ).fullFrameFault
    }
    let picture = LayerDescription.linear(4, 4, 1, activation: .sigmoid)
    #expect(fault([picture]) == nil)
    #expect(fault([.linear(2, 2, 3, activation: .relu), .upsampling(1, activation: .sigmoid)]) == nil)
    #expect(fault([]) == "the decoder gives [6]; it must give as many values as the picture's [4, 4, 1]")
    #expect(fault([picture, .upsampling(1, activation: .sigmoid)])?.contains("gives [8, 8, 1]") == true)
    let needs = "layer upsampling [1] needs [h, w, c]; what comes before gives [6]"
    #expect(fault([.upsampling(1, activation: .sigmoid)]) == needs)
    #expect(fault([picture], encoder: [.linear(8, activation: .elu), .convolution(2, activation: .elu)]) != nil)
    #expect(fault([.linear(65536, activation: .elu), .linear(65536, activation: .elu), picture]) != nil)
    #expect(fault([picture], cell: 65536) == "with the cell it has more than 67108864 weights")
    let wide = [LayerDescription](repeating: .linear(4096, activation: .elu), count: 5)
    #expect(fault([picture], encoder: wide) == "with layer linear [4096] it has more than 67108864 weights")
    #expect(NetworkDescription.shapes.fullFrameFault == nil && NetworkDescription.balls.fullFrameFault == nil)
  }

  @Test func memoriesAreFollowed() {
    func fault(_ memory: MemoryDescription, cell: CellDescription = .none(5), window: Int = 4) -> String? {
      NetworkDescription(
        input: [6, 8, 1], encoder: [.linear(5, activation: .elu)], cell: cell,
        decoder: [.linear(window, window, 1, activation: .identity)], memory: memory
      ).fullFrameFault
    }
    func memory(side: Int = 4, overhang: Int = 1, reach: Int = 2) -> MemoryDescription {
      MemoryDescription(side: side, overhang: overhang, reach: reach)
    }
    #expect(fault(memory()) == nil)
    #expect(fault(memory(side: 7))?.contains("within a picture of one channel") == true)
    #expect(fault(memory(overhang: 3))?.contains("overhang may be 0 to half its side") == true)
    #expect(fault(memory(side: 6, overhang: 0, reach: 1), window: 6) == nil)
    #expect(fault(memory(side: 6, overhang: 0), window: 6) == "a memory's reach is more than the places there are")
    #expect(fault(memory(), window: 5) == "the decoder gives [5, 5, 1]; a memory's window has 4²")
    #expect(fault(memory(), cell: .lstm(5))?.contains("no cell") == true)
    #expect(fault(memory(), cell: .none(6)) == "without a cell, its size must be the encoder's 5")
    var network = NetworkDescription.shapes
    network.starts = 0
    #expect(network.fault == "starts must be 1 to 64")
  }

  /// Every row has mean 0 and variance 1, so that its scale and level do not matter.
  @Test func outputDoesNotSeeScaleAndLevel() throws {
    let network = try NetworkDescription(
      input: [3, 3, 1], encoder: [], cell: .linear(4, activation: .sigmoid, normalized: false),
      decoder: [.linear(2, activation: .identity, normalized: false)], normalizesInput: true
    ).makeNetwork(seed: 1)
    network.reserve(steps: 1, batch: 2, slots: 2, training: false)
    for index in 0..<9 {
      let value = Float(index * index % 7)
      (network.input(0)[index], network.input(0)[9 + index]) = (value, 3 * value - 5)
    }
    try network.forward(0)
    for index in 0..<2 { #expect(abs(network.output(0)[index] - network.output(0)[2 + index]) < 1e-4) }
    #expect(network.output(0)[0] != 0)
  }
}
