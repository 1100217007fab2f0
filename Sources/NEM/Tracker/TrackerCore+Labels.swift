import Kernels

extension TrackerCore {
  /// The public view of the frame: ids instead of slots.
  func segmentation() -> GridSegmentation {
    var labels = Image<Int32>(width: width, height: height, fill: 0)
    // An object of which less than half an object is seen is too uncertain to be shown.
    let ids = slots.map { slot in
      let whole = min(configuration.minimumArea, Int(slot.fullMass))
      return slot.live && 2 * slot.ownedCells >= whole ? shownNumber(slot) : 0
    }
    for i in owners.indices where owners[i] != 0 && owners[i] != unexplained {
      labels.pixels[i] = ids[Int(owners[i]) - 1]
    }
    labels = softened(labels)
    var objects: [GridObject] = []
    for slot in slots where slot.live {
      let hidden = slot.unseen > 0
      objects.append(
        GridObject(
          id: number(slot), confidence: hidden ? 0 : min(slot.confidence, 1), hidden: hidden, arrived: slot.arrived))
    }
    objects.sort { $0.id < $1.id }
    var answer = GridSegmentation(labels: labels, objects: objects, ended: ended, unassigned: refused)
    answer.confirmed = confirmed
    answer.largestSmall = largestSmall
    return answer
  }

  /// What may be a fragment of another object is shown as part of that one.
  private func shownNumber(_ slot: ObjectSlot) -> Int32 {
    let isPart = slot.id == 0 && isFragment(slot) && slots[slot.lockedTo].live
    return number(isPart ? slots[slot.lockedTo] : slot)
  }

  private func number(_ slot: ObjectSlot) -> Int32 { slot.id > 0 ? slot.id : -Int32(slot.serial) }

  /// Extends labels by one cell into the soft edge of the foreground.
  private func softened(_ labels: Image<Int32>) -> Image<Int32> {
    var result = labels
    for y in 0..<height {
      for column in 0..<width where owners[y * width + column] == 0 {
        let i = y * width + column
        guard x[i] >= configuration.labelThreshold else { continue }
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
          let (nx, ny) = (column + dx, y + dy)
          guard nx >= 0, nx < width, ny >= 0, ny < height, labels[nx, ny] != 0 else { continue }
          result.pixels[i] = labels[nx, ny]
          break
        }
      }
    }
    return result
  }
}
