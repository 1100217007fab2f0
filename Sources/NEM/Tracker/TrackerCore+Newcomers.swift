import Kernels

/// What comes into the picture beside another object and touches it.
extension TrackerCore {
  /// Whether a component that reaches the picture's edge goes beyond its only slot `k`, whose extent is known: ψ decides
  /// cell by cell what is the slot's.
  func mayHoldNewcomer(_ box: PixelRect, beside k: Int) -> Bool {
    guard let sight = slots[k].sight, sight.isSettled else { return false }
    let (right, bottom) = (box.x + box.width - 1, box.y + box.height - 1)
    return reachesEdge(left: box.x, top: box.y, right: right, bottom: bottom)
      && sight.isExceeded(left: box.x, top: box.y, right: right, bottom: bottom)
  }

  /// Whether an unexplained part that reaches the picture's edge lies outside slot `k`, whose extent is known: it is no
  /// growth of it, but has come in there.
  func isNewcomer(_ part: GridPart, beside k: Int) -> Bool {
    guard let sight = slots[k].sight, sight.isSettled else { return false }
    return reachesEdge(left: part.left, top: part.top, right: part.right, bottom: part.bottom)
      && sight.isOutside(x: part.centreX, y: part.centreY)
  }

  /// Whether a part that reaches the picture's edge touches an object to which it cannot belong: it is no fragment.
  func hasComeInBesideAnother(_ part: GridPart) -> Bool {
    slots.indices.contains { k in
      guard slots[k].live, isNewcomer(part, beside: k), let main = parts.largest(of: k + 1) else { return false }
      return part.gap(to: parts.list[main]) <= configuration.growthGap
    }
  }

  private func reachesEdge(left: Int, top: Int, right: Int, bottom: Int) -> Bool {
    left == 0 || top == 0 || right == width - 1 || bottom == height - 1
  }
}
