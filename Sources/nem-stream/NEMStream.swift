import ArgumentParser

@main
struct NEMStream: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "nem-stream")
}
