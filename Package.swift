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

/// A library for a format of pictures. Without its header the format isn't read, and says so.
struct PictureLibrary {
  var shim: String
  var library: String
  var define: String

  init?(_ shim: String, header: String, library: String, define: String) {
    let folders = ["/include", "/include/x86_64-linux-gnu", "/include/aarch64-linux-gnu"]
    guard folders.contains(where: { FileManager.default.fileExists(atPath: "/usr\($0)/\(header)") })
    else { return nil }
    self.shim = shim
    self.library = library
    self.define = define
  }
}
let pictureLibraries = [
  PictureLibrary("CJPEGShim", header: "jpeglib.h", library: "jpeg", define: "WORK_JPEG"),
  PictureLibrary("CTIFFShim", header: "tiffio.h", library: "tiff", define: "WORK_TIFF"),
  PictureLibrary("CGIFShim", header: "gif_lib.h", library: "gif", define: "WORK_GIF"),
].compactMap { $0 }

/// A C library of the system, found by pkg-config and installed by apt.
func library(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"],
    exclude: fixtures[name] ?? [], swiftSettings: settings)
}

/// Files beside the tests that are not Swift: golden values and the scripts that made them.
let fixtures: [String: [String]] = [
  "EndToEnd": ["Snapshots"], "Imaging": ["Golden"], "Neural": ["Golden"],
  "ONNX": ["Golden"], "Segmentation": ["Golden"], "ToolReports": ["Snapshots"],
  "Weights": ["Golden"],
]

// The modules that a stage may import. (`work` and the runner are not among them: what a stage
// imports is what makes it stale.)
let stageModules = [
  "Analysis", "Archive", "Basics", "Choices", "Datasets", "Downloading", "Imaging", "Inference",
  "Kaggle", "Neural", "Notebook", "Segmentation", "Transfer", "Workbench",
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

/// Links Swift's own library into a program, so that it runs where no Swift is. Not by `--static-swift-stdlib`, which
/// would compile all modules once more; so what the dynamic library of Foundation is made of is named here.
let selfContained: [LinkerSetting] = [
  .unsafeFlags(["-static-stdlib", "-use-ld=lld", "-Xlinker", "-s"], .when(platforms: [.linux])),
  .linkedLibrary("CoreFoundation", .when(platforms: [.linux])),
  .linkedLibrary("_FoundationCShims", .when(platforms: [.linux])),
  .linkedLibrary("_FoundationCollections", .when(platforms: [.linux])),
  .linkedLibrary("_FoundationICU", .when(platforms: [.linux])),
]

/// What `make docs` needs; nobody has to fetch it to build.
let documentation: [Package.Dependency] =
  Context.environment["WORK_DOCS"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0")]

/// What the package in Fuzz/ decodes with; nobody else has to build it.
let fuzzed: [Product] =
  Context.environment["WORK_FUZZ"] == nil
  ? []
  : [
    .library(
      name: "Decoders",
      targets: [
        "Archive", "Basics", "Datasets", "Hashing", "Imaging", "Inference", "Kaggle", "Neural",
        "Notebook",
        "Pipeline", "Rendering", "Scripts", "Segmentation", "Storage", "Survey", "Transfer",
        "Weights",
      ])
  ]

let package = Package(
  name: "work",
  products: [.executable(name: "work", targets: ["work"])] + fuzzed,
  dependencies: documentation + [
    // Exact versions, and packages that depend on no others: THIRD-PARTY-NOTICES.md has their licences.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
  ],
  targets: [
    library("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
    library("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    library("CCMark", pkgConfig: "libcmark", apt: "libcmark-dev"),
    library("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    library("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
    library("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
    library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    .target(name: "CPNGShim", dependencies: ["CPNG"], path: "Sources/C/CPNGShim"),
    .target(name: "CKernels", path: "Sources/C/CKernels", exclude: ["README.md"]),

    // What both sides use.
    module("Basics"),
    module("Choices"),
    module("Bytes", "Basics", "CZlib"),
    module("Hashing", "CCrypto"),
    module("Weights", "Basics", "Bytes", "Hashing"),
    module("Notebook", "Basics"),
    // The stage's side.
    module("Workbench", "Basics", "Notebook"),
    .target(
      name: "Imaging",
      dependencies: ["Basics", "Bytes", "CPNG", "CPNGShim"]
        + pictureLibraries.map { .byName(name: $0.shim) },
      swiftSettings: settings + pictureLibraries.map { .define($0.define) }),
    module("Datasets", "Basics", "Imaging", "Notebook", "Workbench"),
    module("Analysis", "Basics", "Datasets", "Imaging", "Notebook", "Workbench"),
    .target(
      name: "Neural",
      dependencies: ["Basics", "Choices", "Weights", "COpenBLAS", "CKernels"]
        + (oneDNN == nil ? [] : ["COneDNNShim"]),
      swiftSettings: settings + (oneDNN == nil ? [] : [.define("WORK_ONEDNN")])),
    module(
      "Segmentation", "Basics", "Choices", "Datasets", "Imaging", "Neural", "Notebook", "Workbench"),
    module(
      "Inference", "Basics", "Choices", "Datasets", "Imaging", "Neural", "Segmentation", "Workbench"
    ),
    // Files that other programs open.
    module("Protobuf"),
    module("ONNX", "Choices", "Imaging", "Inference", "Neural", "Protobuf", "Segmentation"),
    module("Transfer", "CCurl"),
    module("Archive", "Basics", "CArchive"),
    module("Kaggle", "Basics", "Transfer"),
    module("Downloading", "Basics", "Kaggle", "Transfer", "Workbench"),
    // The command's side.
    module("Scripts", "Basics"),
    module("Rendering", "Basics", "Notebook", "Protobuf", "Scripts", "CCMark", mustache),
    module("Pipeline", "Basics", "Hashing", "Notebook", "Scripts", yams),
    module("Storage", "Basics", "Pipeline", "Transfer"),
    module("Serving", "Basics", "Hashing", "Notebook", "Pipeline", "Rendering", flyingFox),
    module("Demo", "Basics", "Imaging", "Archive", flyingFox),
    module("ToolReports", "Choices"),
    module("Survey", "Archive", "Basics", "Imaging"),
    module("Scores", "Basics", "Imaging"),
    module("Submitting", "Basics", "Kaggle", "Transfer"),
    module("Tracking", "Basics", "Transfer"),
    module("Bundles", "Archive", "Basics", "Hashing"),
    .executableTarget(
      name: "work",
      dependencies: [
        "Basics", "Bundles", "Choices", "Pipeline", "Rendering", "Notebook", "Scripts", "Demo",
        "ToolReports",
        "Kaggle", "Scores", "Serving", "Storage", "Submitting", "Survey", "Tracking", "Transfer",
        "Weights",
        "Hashing",
        argumentParser,
      ],
      swiftSettings: settings),
    // What `work` starts where it needs the engine, as it starts stages.
    .executableTarget(
      name: "work-tools",
      dependencies: [
        "Analysis", "Archive", "Basics", "Choices", "Datasets", "Imaging", "Inference",
        "ToolReports",
        "Kaggle", "Neural", "Notebook", "ONNX", "Scores", "Segmentation", "Transfer", "Workbench",
      ], swiftSettings: settings),
    // The program of a bundle for code competitions.
    .executableTarget(
      name: "work-predict",
      dependencies: [
        "Analysis", "Archive", "Basics", "Bundles", "Datasets", "Hashing", "Imaging", "Inference",
        "Notebook", "Segmentation", "Workbench",
      ], swiftSettings: settings, linkerSettings: selfContained),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    .target(
      name: "LoopbackSupport", dependencies: ["Transfer", "TestSupport", flyingFox],
      path: "Tests/LoopbackSupport", swiftSettings: settings),
    .target(
      name: "StageSupport", dependencies: ["Basics", "Notebook", "TestSupport", "Workbench"],
      path: "Tests/StageSupport", swiftSettings: settings),
    .target(
      name: "DatasetsSupport", dependencies: ["Datasets", "Imaging"], path: "Tests/DatasetsSupport",
      swiftSettings: settings),
    tests("Structure"),
    tests("Basics", "Basics"),
    tests("Notebook", "Basics", "Notebook"),
    tests("Workbench", "Basics", "Notebook", "Workbench"),
    tests("Imaging", "Basics", "Imaging"),
    tests(
      "Datasets", "Basics", "Datasets", "DatasetsSupport", "Imaging", "Notebook", "StageSupport",
      "Workbench"),
    tests("Analysis", "Analysis", "Basics", "Datasets", "Imaging", "Notebook", "Workbench"),
    tests("Weights", "Archive", "Basics", "Choices", "Hashing", "Weights"),
    tests("Neural", "Basics", "Neural", "Choices", "CKernels"),
    tests(
      "Segmentation", "Basics", "Segmentation", "Choices", "Datasets", "DatasetsSupport", "Imaging",
      "Neural", "Notebook", "Workbench"),
    tests(
      "Inference", "Basics", "Inference", "Choices", "Datasets", "DatasetsSupport", "Segmentation",
      "Imaging", "Neural", "StageSupport", "Workbench"),
    tests(
      "ONNX", "Choices", "Datasets", "DatasetsSupport", "Hashing", "Imaging", "Inference", "Neural",
      "ONNX", "Protobuf",
      "Segmentation"),
    tests("Transfer", "Transfer", "LoopbackSupport", flyingFox),
    tests("Archive", "Archive", "Basics"),
    tests(
      "Kaggle", "Basics", "Downloading", "Kaggle", "Submitting", "Transfer", "Demo", "StageSupport",
      "LoopbackSupport", "Workbench", flyingFox),
    tests("Tracking", "Basics", "LoopbackSupport", "Tracking", "Transfer", flyingFox),
    tests("Scripts", "Basics", "Scripts"),
    tests("Rendering", "Basics", "Rendering", "Notebook", "Scripts"),
    tests("Pipeline", "Basics", "Hashing", "Notebook", "Pipeline", "Scripts"),
    tests(
      "Storage", "Basics", "Storage", "Pipeline", "Transfer", "LoopbackSupport", "CCrypto",
      flyingFox),
    tests("Serving", "Basics", "Notebook", "Pipeline", "Serving"),
    tests("ToolReports", "Choices", "ToolReports"),
    tests(
      "Survey", "Archive", "Basics", "Datasets", "Demo", "Imaging", "Pipeline", "Survey",
      "Workbench"),
    tests("Bundles", "Archive", "Basics", "Bundles"),
    tests("Scores", "Basics", "Imaging", "Scores"),
    tests("Demo", "Demo", "Imaging", "Archive", yams),
    tests(
      "EndToEnd", "Demo", "Imaging", "Archive", "Hashing", "LoopbackSupport", "Weights", flyingFox),
  ]
    + (oneDNN.map {
      [
        .target(
          name: "COneDNNShim", path: "Sources/C/COneDNNShim", cSettings: $0.headers,
          linkerSettings: $0.library)
      ]
    } ?? [])
    + pictureLibraries.map {
      .target(
        name: $0.shim, path: "Sources/C/\($0.shim)", linkerSettings: [.linkedLibrary($0.library)])
    }
    + scripts.map(stage)
)
