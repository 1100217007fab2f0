import Kernels
import Scenes
import Testing

@Suite struct LabelledPictureTests {
  private let unknown = ObjectLayers.unknown

  private func picture(_ luma: [UInt8], _ chroma: [UInt8], _ ids: [UInt16]) -> LabelledPicture {
    let width = luma.count / 2
    let planes = [luma, chroma].map { Image(width: width, height: 2, pixels: $0) }
    return LabelledPicture(planes: planes, ids: Image(width: width, height: 2, pixels: ids))
  }

  @Test func mirroringExchangesLeftAndRight() {
    let first = picture([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12], [0, 0, 5, 6, 0, 0])
    #expect(first.mirrored == picture([3, 2, 1, 6, 5, 4], [9, 8, 7, 12, 11, 10], [5, 0, 0, 0, 0, 6]))
  }

  /// Known pixels of the copy cover; its unknown ones and its background do not.
  @Test func theCopyCoversThroughItsMask() {
    let back = picture([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], [1, 1, 0, 2, unknown, unknown])
    let front = picture([11, 12, 13, 14, 15, 16], [21, 22, 23, 24, 25, 26], [0, unknown, 1, 2, 2, 0])
    let (composite, facts) = back.covered(by: front, raisingIDs: 2)
    #expect(composite == picture([1, 2, 13, 14, 15, 6], [1, 2, 23, 24, 25, 6], [1, 1, 3, 4, 4, unknown]))
    #expect(facts.visible == [1, 3, 4] && facts.hidden == [2: [4]] && facts.overlaps.count == 1)
  }
}
