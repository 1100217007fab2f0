/// Why an experiment cannot be run or gone on with.
package enum ExperimentError: Error, CustomStringConvertible, Equatable {
  /// The folder holds another experiment, or the same with other settings.
  case otherPlan(String)
  /// The folder holds the same experiment with other networks, training or tests, as another version has them.
  case otherRecipe(String)
  /// A file that the experiment wrote cannot be read.
  case damaged(String)
  /// Flying MNIST without MNIST.
  case noDigits
  /// The user stopped the program.
  case stopped

  /// One line for the user.
  package var description: String {
    switch self {
    case .otherPlan(let path):
      "\(path): begun with another experiment, budget or number of seeds; give these, or another folder with --out"
    case .otherRecipe(let path):
      "\(path): begun by another version, with other networks, training or tests; give another folder with --out"
    case .damaged(let path): "\(path): damaged; remove it and run the command again to make it anew"
    case .noDigits: "--mnist is missing; it names the folder with MNIST's idx files"
    case .stopped: "interrupted; the same command goes on"
    }
  }
}
