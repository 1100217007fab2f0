// swift-tools-version: 6.1
import Foundation
import PackageDescription

// CI sets NEM_STREAM_STRICT so that our own warnings are errors; dependencies keep theirs.
let strict = ProcessInfo.processInfo.environment["NEM_STREAM_STRICT"] != nil
let swiftSettings: [SwiftSetting] = strict ? [.unsafeFlags(["-warnings-as-errors"])] : []
let cSettings: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=off"] + (strict ? ["-Wall", "-Werror"] : []))]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

// Imports point downwards: a target names only targets that stand above it in this list.
let package = Package(
  name: "nem-stream",
  products: [.executable(name: "nem-stream", targets: ["nem-stream"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
  ],
  targets: [
    .systemLibrary(name: "CFFmpeg", pkgConfig: "libavformat libavcodec libswscale libavutil"),
    .systemLibrary(name: "COneDNN"),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CSpawn"),
    .target(name: "CKernels", cSettings: cSettings, linkerSettings: [.linkedLibrary("gomp")]),
    module("Kernels", ["CKernels"]),
    module("VideoIO", ["CFFmpeg", "CZlib", "CKernels", "Kernels"]),
    module("Charts", ["Kernels", "VideoIO"]),
    module("Scenes", ["Kernels"]),
    module("ClipFiles", ["CHDF5", "CZlib", "Scenes"]),
    module("Evaluation", ["Kernels"]),
    module("Masks", ["CKernels", "Kernels", "VideoIO"]),
    module("Neural", ["COneDNN", "CKernels", "Kernels"]),
    module("Background", ["CKernels", "Kernels"]),
    module("NEM", ["CKernels", "Kernels", "Neural", "Masks", "Scenes", "Evaluation"]),
    module("Experiments", ["Kernels", "VideoIO", "Charts", "Scenes", "ClipFiles", "Neural", "NEM"]),
    module("Events", ["CSpawn", "Kernels", "VideoIO", "Masks"]),
    module("Pipeline", ["CKernels", "Kernels", "VideoIO", "Masks", "Events", "Background", "NEM"]),
    module(
      "Daemon",
      [
        "Kernels", "VideoIO", "Masks", "Events", "Pipeline", .product(name: "Yams", package: "Yams"),
        .product(name: "Metrics", package: "swift-metrics"),
      ]),
    .executableTarget(
      name: "nem-stream",
      dependencies: [
        "Daemon", "Pipeline", "Events", "Experiments", "Charts", "NEM", "Neural", "Background", "Masks", "Evaluation",
        "ClipFiles",
        "Scenes", "VideoIO", "Kernels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    tests("KernelsTests", ["Kernels"]),
    tests("VideoIOTests", ["VideoIO", "Kernels"]),
    tests("ChartsTests", ["Charts", "VideoIO", "Kernels"]),
    tests("ScenesTests", ["Scenes", "Kernels"]),
    tests("ClipFilesTests", ["ClipFiles", "Scenes", "Kernels"]),
    tests("EvaluationTests", ["Evaluation", "Kernels"]),
    tests("MasksTests", ["Masks", "VideoIO", "Kernels", "CKernels"]),
    tests("EventsTests", ["Events", "Masks", "VideoIO", "Kernels"]),
    tests("NeuralTests", ["Neural", "Kernels", "CKernels"]),
    tests(
      "BackgroundTests", ["Background", "Evaluation", "VideoIO", "Kernels", "CKernels"],
      resources: [.copy("Goldens")]),
    tests("NEMTests", ["NEM", "Neural", "Masks", "Scenes", "Evaluation", "Kernels", "CKernels"]),
    tests("ExperimentsTests", ["Experiments", "NEM", "Neural", "Scenes", "VideoIO", "Kernels"]),
    tests(
      "PipelineTests", ["Pipeline", "NEM", "Masks", "Background", "Scenes", "VideoIO", "Kernels", "CKernels"]),
    tests(
      "DaemonTests",
      [.product(name: "Metrics", package: "swift-metrics"), "Daemon", "Pipeline", "Masks", "VideoIO", "Kernels"]),
    tests("CommandTests", ["nem-stream", "Daemon", "Events", "Scenes", "VideoIO", "Masks", "Kernels"]),
  ]
)

// `make sanitize`: without the program and its tests, which take as long again, and what has neither memory nor threads
// of its own; for threads only what has some, for addresses without the service.
if let sanitizer = ProcessInfo.processInfo.environment["NEM_STREAM_SANITIZE"] {
  let threaded: Set = ["VideoIOTests", "EventsTests", "PipelineTests", "DaemonTests"]
  var left: Set = [
    "nem-stream", "CommandTests", "Experiments", "ExperimentsTests", "EvaluationTests", "ScenesTests", "ChartsTests",
    "Charts",
  ]
  if sanitizer == "address" { left.formUnion(["Daemon", "DaemonTests"]) }
  package.products.removeAll()
  package.targets.removeAll {
    left.contains($0.name) || (sanitizer == "thread" && $0.type == .test && !threaded.contains($0.name))
  }
}

// `make fuzz`: the program's readers under LLVM's fuzzer, which needs flags that the rest does not know.
if ProcessInfo.processInfo.environment["NEM_STREAM_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["Daemon", "Pipeline", "NEM", "Neural", "Masks", "ClipFiles", "VideoIO"],
      path: "Tests/Fuzz", exclude: ["fuzz.sh"]))
}
