import Kernels
import NEM
import Pipeline
import Testing

@Suite struct ConfirmationDelayTests {
  private func answer(_ labels: [Int32], confirmed: [ConfirmedCandidate] = []) -> GridSegmentation {
    let objects = Set(labels).subtracting([0]).sorted().map { GridObject(id: $0, confidence: 1, hidden: false) }
    var answer = GridSegmentation(
      labels: Image(width: labels.count, height: 1, pixels: labels), objects: objects, ended: [], unassigned: 0)
    answer.confirmed = confirmed
    return answer
  }

  /// Candidate -1 becomes object 5 in the third frame, -2 never becomes one.
  @Test func framesBeforeTheConfirmationGetTheId() {
    var delay = ConfirmationDelay<Int>(frames: 2)
    var decided: [(GridSegmentation, Int)] = []
    let answers = [
      answer([-1, 0, 4, -2]), answer([-1, -1, 4, 0]),
      answer([0, 5, 4, -2], confirmed: [ConfirmedCandidate(candidate: -1, id: 5)]), answer([0, 5, 0, -2]),
    ]
    for (frame, answer) in answers.enumerated() {
      if let next = delay.push(answer, frame) { decided.append(next) }
      #expect(decided.count == max(frame - 1, 0))
    }
    while let next = delay.popFirst() { decided.append(next) }
    #expect(decided.map(\.1) == [0, 1, 2, 3])
    #expect(decided.map(\.0.labels.pixels) == [[5, 0, 4, 0], [5, 5, 4, 0], [0, 5, 4, 0], [0, 5, 0, 0]])
    #expect(decided.map { $0.0.objects.map(\.id) } == [[4, 5], [4, 5], [4, 5], [5]])
  }

  /// Candidate -1 is known and not shown, shown, hidden, and becomes object 5: it begins where it is shown, and is hidden
  /// after that.
  @Test func anObjectBeginsWhereItIsShown() {
    let unseen = GridObject(id: -1, confidence: 0, hidden: true)
    var delay = ConfirmationDelay<Void>(frames: 3)
    for labels: [Int32] in [[0, 0], [0, -1], [0, 0]] {
      var answer = answer(labels)
      if answer.objects.isEmpty { answer.objects = [unseen] }
      #expect(delay.push(answer, ()) == nil)
    }
    var decided: [GridSegmentation] = []
    let last = answer([5, 0], confirmed: [ConfirmedCandidate(candidate: -1, id: 5)])
    if let next = delay.push(last, ())?.0 { decided.append(next) }
    while let next = delay.popFirst()?.0 { decided.append(next) }
    #expect(decided.map { $0.objects.map(\.id) } == [[], [5], [5], [5]])
    #expect(decided.map(\.labels.pixels) == [[0, 0], [0, 5], [0, 0], [5, 0]])
  }

  @Test func noDelayDropsCandidatesAtOnce() {
    var delay = ConfirmationDelay<Void>(frames: 0)
    let decided = delay.push(answer([-1, 3]), ())?.0
    #expect(decided?.labels.pixels == [0, 3] && decided?.objects.map(\.id) == [3])
    #expect(delay.popFirst() == nil)
  }
}
