// swift-tools-version: 6.1
// The build: library modules and the arrows between them, the `work` command, and one executable
// for every script in stages/. Which modules a stage links follows from its own import lines.

import Foundation
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let flyingFox = Target.Dependency.product(name: "FlyingFox", package: "FlyingFox")

/// A library module under Sources/ and the modules it may see.
func module(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// oneDNN (libdnnl-dev) is optional. It has no pkg-config file, so its header is looked for; the shim
/// is written for version 2.
let hasOneDNN =
  ((try? String(contentsOfFile: "/usr/include/oneapi/dnnl/dnnl_version.h", encoding: .utf8)) ?? "")
  .contains("DNNL_VERSION_MAJOR 2")

/// A C library of the system, found by pkg-config and installed by apt.
func library(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"],
    exclude: fixtures[name] ?? [], swiftSettings: settings)
}

/// Files beside the tests that are not Swift: golden values and the scripts that made them.
let fixtures: [String: [String]] = ["Neural": ["Golden"]]

// The modules that a stage may import. (`work` and the runner are not among them: what a stage
// imports is what makes it stale.)
let stageModules = [
  "Archive", "Datasets", "Exploration", "Imaging", "Inference", "Kaggle", "Neural", "Notebook",
  "Segmentation", "Transfer", "Workbench",
]

let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
let scripts =
  ((try? FileManager.default.contentsOfDirectory(atPath: root.path + "/stages")) ?? [])
  .filter { $0.hasSuffix(".swift") }.sorted()

/// One executable target for a script, with its siblings left out.
func stage(_ script: String) -> Target {
  let text = (try? String(contentsOfFile: root.path + "/stages/" + script, encoding: .utf8)) ?? ""
  let imports = Set(
    text.split(separator: "\n").filter { $0.hasPrefix("import ") }
      .map { $0.dropFirst(7).trimmingCharacters(in: .whitespaces) })
  return .executableTarget(
    name: String(script.dropLast(6)),
    dependencies: stageModules.filter(imports.contains).map { .byName(name: $0) },
    path: "stages", exclude: scripts.filter { $0 != script }, sources: [script],
    swiftSettings: settings)
}

let package = Package(
  name: "work",
  products: [.executable(name: "work", targets: ["work"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
  ],
  targets: [
    library("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
    library("CCMark", pkgConfig: "libcmark", apt: "libcmark-dev"),
    library("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    library("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
    library("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
    .target(name: "CPNGShim", dependencies: ["CPNG"]),
    .target(name: "CKernels"),

    module("Imaging", "CPNG", "CPNGShim"),
    .target(
      name: "Neural",
      dependencies: ["COpenBLAS", "CKernels"] + (hasOneDNN ? ["COneDNNShim"] : []),
      swiftSettings: settings + (hasOneDNN ? [.define("WORK_ONEDNN")] : [])),
    module("Segmentation", "Neural", "Imaging"),
    module("Inference", "Segmentation", "Neural", "Imaging"),
    module("Datasets", "Segmentation", "Neural", "Imaging", "Workbench"),
    module("Exploration", "Imaging", "Notebook"),
    module("Transfer", "CCurl"),
    module("Archive", "CArchive"),
    module("Kaggle", "Transfer", "Archive"),
    module("Notebook"),
    module("Rendering", "Notebook", "CCMark", mustache),
    module("Workbench", "Notebook"),
    module("Pipeline", yams, crypto),
    module("Demo", "Imaging", "Archive", flyingFox),
    .executableTarget(
      name: "work",
      dependencies: ["Pipeline", "Rendering", "Notebook", "Demo", argumentParser],
      swiftSettings: settings),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    tests("Imaging", "Imaging"),
    tests("Neural", "Neural"),
    tests("Segmentation", "Segmentation", "Imaging", "Neural"),
    tests("Inference", "Inference", "Segmentation", "Imaging", "Neural"),
    tests("Exploration", "Exploration", "Imaging", "Notebook"),
    tests("Transfer", "Transfer", flyingFox),
    tests("Archive", "Archive"),
    tests("Kaggle", "Kaggle", "Transfer", "Demo", flyingFox),
    tests("Notebook", "Notebook"),
    tests("Rendering", "Rendering", "Notebook"),
    tests("Workbench", "Workbench", "Notebook"),
    tests("Pipeline", "Pipeline"),
    tests("Datasets", "Datasets", "Segmentation", "Imaging", "Notebook", "Workbench"),
    tests("Demo", "Demo", "Imaging", "Archive", yams),
    tests("EndToEnd", "Demo", "Imaging", "Archive"),
  ]
    + (hasOneDNN
      ? [.target(name: "COneDNNShim", linkerSettings: [.linkedLibrary("dnnl")])] : [])
    + scripts.map(stage)
)
