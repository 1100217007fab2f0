/// Which frame of a clip each EM step looks at: each frame for equally many steps.
///
/// Step s sees look s and predicts look s + 1, which is another look at the same frame or the first at the next one.
public struct Looks: Sendable, Equatable {
  /// Looks at each frame.
  public let each: Int

  /// The frame, from 0, that a look is at.
  public func frame(of look: Int) -> Int { look / each }

  /// The first look at a frame.
  public func start(of frame: Int) -> Int { frame * each }

  /// The last look at a frame.
  public func end(of frame: Int) -> Int { start(of: frame + 1) - 1 }
}
