import Kernels
import Masks
import Testing

@Suite struct OutlineTests {
  private func labels(_ rows: [String]) -> Image<Int32> {
    Image(width: rows[0].count, height: rows.count, pixels: rows.joined().map { $0 == "#" ? 1 : 0 })
  }

  private func outline(_ rows: [String]) -> [[[Int]]] {
    let labels = labels(rows)
    let whole = PixelRect(x: 0, y: 0, width: labels.width, height: labels.height)
    return Outline(1, in: whole, of: labels).parts.map { $0.map { [$0.x, $0.y] } }
  }

  @Test func cornersRunClockwise() {
    #expect(outline(["#"]) == [[[0, 0], [1, 0], [1, 1], [0, 1]]])
    #expect(outline(["....", ".##.", ".#.."]) == [[[1, 1], [3, 1], [3, 2], [2, 2], [2, 3], [1, 3]]])
  }

  @Test func holesAreLeftOut() {
    #expect(outline(["###", "#.#", "###"]) == [[[0, 0], [3, 0], [3, 3], [0, 3]]])
  }

  @Test func partsThatMeetAtACornerAreApart() {
    #expect(outline(["#.", ".#"]) == [[[0, 0], [1, 0], [1, 1], [0, 1]], [[1, 1], [2, 1], [2, 2], [1, 2]]])
  }

  @Test func nothingHasNoOutline() { #expect(outline(["..", ".."]).isEmpty) }
}
