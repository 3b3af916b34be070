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

/// oneDNN (libdnnl-dev) is optional. It has no pkg-config file, so its headers are looked for in /usr, or
/// in ONEDNN_ROOT. The shim is written for versions 2 and 3, and for libraries that can be held to the
/// calling thread.
struct OneDNN {
  var headers: [CSetting] = []
  var library: [LinkerSetting] = [.linkedLibrary("dnnl")]

  init?() {
    let root = Context.environment["ONEDNN_ROOT"] ?? ""
    let headers = (root.isEmpty ? "/usr" : root) + "/include"
    func lines(_ name: String) -> Set<Substring> {
      let path = "\(headers)/oneapi/dnnl/\(name)"
      return Set(
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n"))
    }
    let runtime = "#define DNNL_CPU_THREADING_RUNTIME DNNL_RUNTIME_"
    guard
      !lines("dnnl_version.h").isDisjoint(with: [
        "#define DNNL_VERSION_MAJOR 2", "#define DNNL_VERSION_MAJOR 3",
      ]), !lines("dnnl_config.h").isDisjoint(with: ["\(runtime)OMP", "\(runtime)SEQ"])
    else { return nil }
    guard !root.isEmpty else { return }
    let folders = ["lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"].map {
      "\(root)/\($0)"
    }
    guard
      let folder = folders.first(where: {
        FileManager.default.fileExists(atPath: "\($0)/libdnnl.so")
      })
    else { return nil }
    self.headers = [.unsafeFlags(["-I\(headers)"])]
    library.append(.unsafeFlags(["-L\(folder)", "-Xlinker", "-rpath", "-Xlinker", folder]))
  }
}
let oneDNN = OneDNN()

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
let fixtures: [String: [String]] = [
  "EndToEnd": ["Snapshots"], "Neural": ["Golden"], "Segmentation": ["Golden"],
  "ToolReports": ["Snapshots"],
]

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

/// What `make docs` needs; nobody has to fetch it to build.
let documentation: [Package.Dependency] =
  Context.environment["WORK_DOCS"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0")]

let package = Package(
  name: "work",
  products: [.executable(name: "work", targets: ["work"])],
  dependencies: documentation + [
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
      dependencies: ["COpenBLAS", "CKernels"] + (oneDNN == nil ? [] : ["COneDNNShim"]),
      swiftSettings: settings + (oneDNN == nil ? [] : [.define("WORK_ONEDNN")])),
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
    module("Storage", "Pipeline", "Transfer"),
    module("Demo", "Imaging", "Archive", flyingFox),
    module("ToolReports"),
    .executableTarget(
      name: "work",
      dependencies: [
        "Pipeline", "Rendering", "Notebook", "Demo", "ToolReports", "Storage", "Transfer",
        argumentParser,
      ],
      swiftSettings: settings),
    // What `work` starts where it needs the engine, as it starts stages.
    .executableTarget(
      name: "work-tools",
      dependencies: [
        "Archive", "Datasets", "Exploration", "Imaging", "ToolReports", "Kaggle", "Neural",
        "Notebook", "Segmentation", "Transfer", "Workbench",
      ], swiftSettings: settings),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    tests("Imaging", "Imaging"),
    tests("Neural", "Neural", "CKernels"),
    tests("Segmentation", "Segmentation", "Imaging", "Neural"),
    tests("Inference", "Inference", "Segmentation", "Imaging", "Neural"),
    tests("Exploration", "Exploration", "Imaging", "Notebook"),
    .target(
      name: "LoopbackSupport", dependencies: ["Transfer", "TestSupport", flyingFox],
      path: "Tests/LoopbackSupport", swiftSettings: settings),
    tests("Transfer", "Transfer", "LoopbackSupport", flyingFox),
    tests("Storage", "Storage", "Pipeline", "Transfer", "LoopbackSupport", flyingFox, crypto),
    tests("Archive", "Archive"),
    tests("Kaggle", "Kaggle", "Transfer", "Demo", flyingFox),
    tests("Notebook", "Notebook"),
    tests("Rendering", "Rendering", "Notebook"),
    tests("Workbench", "Workbench", "Notebook"),
    tests("Pipeline", "Pipeline"),
    tests("ToolReports", "ToolReports"),
    tests("Datasets", "Datasets", "Segmentation", "Imaging", "Notebook", "Workbench"),
    tests("Demo", "Demo", "Imaging", "Archive", yams),
    tests("EndToEnd", "Demo", "Imaging", "Archive"),
  ]
    + (oneDNN.map {
      [.target(name: "COneDNNShim", cSettings: $0.headers, linkerSettings: $0.library)]
    } ?? [])
    + scripts.map(stage)
)
