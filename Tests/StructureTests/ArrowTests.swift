// The arrows between modules: which module imports which, and what a stage reaches. What is drawn in
// docs/architecture.md is what holds here.

import Foundation
import Testing

struct ArrowTests {
  /// What each module may import of the others; `Basics` stands for itself.
  static let arrows: [String: Set<String>] = [
    "Basics": [],
    "Choices": [],
    "Bytes": ["Basics"],
    "Hashing": [],
    "Weights": ["Basics", "Bytes", "Hashing"],
    "Notebook": ["Basics"],
    "Workbench": ["Basics", "Notebook"],
    "Imaging": ["Basics", "Bytes"],
    "Datasets": ["Basics", "Imaging", "Notebook", "Workbench"],
    "Analysis": ["Basics", "Datasets", "Imaging", "Notebook", "Workbench"],
    "Neural": ["Basics", "Choices", "Weights"],
    "Segmentation": [
      "Basics", "Choices", "Datasets", "Imaging", "Neural", "Notebook", "Workbench",
    ],
    "Inference": [
      "Basics", "Choices", "Datasets", "Imaging", "Neural", "Segmentation", "Workbench",
    ],
    "Transfer": [],
    "Archive": ["Basics"],
    "Kaggle": ["Basics", "Transfer"],
    "Downloading": ["Basics", "Kaggle", "Transfer", "Workbench"],
    "Scripts": ["Basics"],
    "Pipeline": ["Basics", "Hashing", "Notebook", "Scripts"],
    "Protobuf": [],
    "ONNX": ["Choices", "Imaging", "Inference", "Neural", "Protobuf", "Segmentation"],
    "Rendering": ["Basics", "Notebook", "Protobuf", "Scripts"],
    "Storage": ["Basics", "Pipeline", "Transfer"],
    "Serving": ["Basics", "Hashing", "Notebook", "Pipeline", "Rendering"],
    "ToolReports": ["Choices"],
    "Survey": ["Archive", "Basics", "Imaging"],
    "Demo": ["Archive", "Basics", "Imaging"],
    "Scores": ["Basics", "Imaging"],
    "Submitting": ["Basics", "Kaggle", "Transfer"],
    "Tracking": ["Basics", "Transfer"],
    "Bundles": ["Archive", "Basics", "Hashing"],
    "work": [
      "Basics", "Bundles", "Choices", "Demo", "Hashing", "Kaggle", "Notebook", "Pipeline",
      "Rendering",
      "Scores", "Scripts", "Serving", "Storage", "Submitting", "Survey", "ToolReports", "Tracking",
      "Transfer",
      "Weights",
    ],
    // The program of a bundle does what stages do, without a runner.
    "work-predict": [
      "Analysis", "Archive", "Basics", "Bundles", "Datasets", "Hashing", "Imaging", "Inference",
      "Notebook", "Segmentation", "Workbench",
    ],
    // It tells of all that stages are made of.
    "work-tools": [
      "Analysis", "Archive", "Basics", "Choices", "Datasets", "Imaging", "Inference", "Kaggle",
      "Neural", "Notebook", "ONNX", "Scores", "Segmentation", "ToolReports", "Transfer",
      "Workbench",
    ],
  ]

  /// What each stage must not reach, however many modules are between: what would make it run again without
  /// need.
  static let unreached: [String: Set<String>] = [
    "download": ["Archive", "Imaging", "Datasets", "Neural"],
    "unzip": ["Kaggle", "Neural", "Analysis"],
    "eda": ["Neural", "Segmentation", "Kaggle", "Archive"],
    "folds": ["Neural", "Segmentation", "Analysis", "Kaggle", "Archive"],
    "train": ["Analysis", "Inference", "Kaggle", "Archive"],
    "evaluate": ["Kaggle", "Archive"],
    "predict": ["Analysis", "Kaggle", "Archive"],
    "submission": ["Neural", "Segmentation", "Inference", "Kaggle"],
  ]

  let tree = SourceTree()

  @Test func everyModuleHasItsArrows() throws {
    let modules = try tree.modules()
    #expect(Set(modules) == Set(Self.arrows.keys))
    for module in modules {
      let found = try tree.imports(of: module).intersection(Self.arrows.keys).subtracting([module])
      let extra = found.subtracting(Self.arrows[module] ?? [])
      #expect(extra == [], "\(module) imports \(extra.sorted())")
    }
  }

  @Test func noArrowLeadsBack() {
    for module in Self.arrows.keys {
      #expect(!Self.reached(from: Self.arrows[module] ?? []).contains(module), "\(module)")
    }
  }

  @Test func stagesReachOnlyWhatTheyNeed() throws {
    let stages = try tree.stages()
    // A user's own stages may be among them.
    #expect(Set(Self.unreached.keys).isSubset(of: stages.keys))
    for (stage, imports) in stages {
      let reached = Self.reached(from: imports)
      #expect(reached.isDisjoint(with: Self.unreached[stage] ?? []), "\(stage)")
      #expect(
        reached.isDisjoint(with: [
          "Bundles", "Pipeline", "Rendering", "Scripts", "Storage", "Demo", "Submitting", "work",
        ]),
        "\(stage)")
    }
  }

  @Test func theCommandLinksNoEngine() {
    let reached = Self.reached(from: Self.arrows["work"] ?? [])
    #expect(reached.isDisjoint(with: ["Neural", "Segmentation", "Inference", "Workbench"]))
  }

  /// Modules and all that they import.
  private static func reached(from start: Set<String>) -> Set<String> {
    var reached: Set<String> = []
    var next = start
    while !next.isEmpty {
      reached.formUnion(next)
      next = Set(next.flatMap { arrows[$0] ?? [] }).subtracting(reached)
    }
    return reached
  }
}
