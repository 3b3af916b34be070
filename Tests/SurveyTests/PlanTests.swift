// The plan of network and training: its rules, and what `work init` makes of the repository's params.yaml.

import Basics
import Foundation
import Pipeline
import Survey
import Testing

@Suite struct PlanTests {
  /// Findings of images of one size, or of several around a median.
  private func findings(
    _ count: Int, _ width: Int, _ height: Int, isOneSize: Bool = true, test: Int = 100
  ) throws -> Findings {
    var findings = try TinyCompetition.ofMasks().look()
    findings.size = isOneSize ? PixelSize(width: width, height: height) : nil
    findings.medianSize = PixelSize(width: width, height: height)
    (findings.trainCount, findings.testCount) = (count, test)
    findings.trainPixels = count * width * height
    findings.testPixels = test * width * height
    return findings
  }

  @Test func smallImagesAreSeenWhole() throws {
    let plan = TrainingPlan(for: try findings(3154, 101, 101, test: 2000))
    #expect(plan.patch == nil && plan.resize == nil)
    #expect(plan.hasEncoder && plan.padTo == 128 && plan.batch == 16 && plan.folds == 3)
    #expect((12...60).contains(plan.epochs))
    #expect(plan.phases != nil && plan.learningRate == 2e-3)
    #expect(plan.minutes <= 40 && plan.minutes > 36)
  }

  @Test func largeImagesAreSeenInPatches() throws {
    let plan = TrainingPlan(for: try findings(20, 565, 584, test: 20))
    #expect(plan.patch == 256 && plan.padTo == nil && plan.levels == 6)
    #expect(plan.crops == 5 && plan.batch == 4 && plan.folds == 5 && !plan.hasEncoder)
    let mixed = TrainingPlan(for: try findings(500, 200, 150, isOneSize: false))
    #expect(mixed.patch == 144 && mixed.levels == 5)
  }

  @Test(arguments: [40, 63, 64, 65, 100, 127, 128, 200, 255, 256, 257, 300, 511, 1000, 4000])
  func patchesCanBeHalved(_ side: Int) throws {
    for isOneSize in [true, false] {
      let plan = TrainingPlan(for: try findings(400, side, side + 3, isOneSize: isOneSize))
      if let patch = plan.patch {
        #expect(patch % (1 << (plan.levels - 1)) == 0 && patch <= 256 && plan.padTo == nil)
        #expect(patch >> (plan.levels - 1) >= 4)
      } else {
        #expect(isOneSize)
        if let pad = plan.padTo { #expect(pad % (1 << (plan.levels - 1)) == 0 && pad >= side) }
      }
      #expect(plan.epochs >= 1 && plan.batch >= 2 && plan.crops >= 1)
    }
  }

  @Test func moreTimeIsUsed() throws {
    let findings = try findings(500, 128, 128)
    let plans = [5.0, 20, 80].map { TrainingPlan(for: findings, PlanWish(minutes: $0)) }
    #expect(plans[0].trainMinutes < plans[1].trainMinutes)
    #expect(plans[1].filters <= plans[2].filters)
    #expect(plans[0].minutes <= 5 && plans[1].minutes <= 20 && plans[2].minutes <= 80)
    let slow = TrainingPlan(
      for: findings, PlanWish(minutes: 20, cost: CostModel(slowness: 4)))
    #expect(slow.filters < plans[1].filters || slow.epochs < plans[1].epochs)
  }

  @Test func hugeImagesAreScaledDown() throws {
    let plan = TrainingPlan(for: try findings(2000, 4000, 3000, test: 5000))
    let resize = try #require(plan.resize)
    #expect(resize.width < 4000 && resize.width * 3 == resize.height * 4)
    #expect(plan.notes.contains { $0.hasPrefix("model.resize") })
    #expect(plan.minutes < 80)
  }

  @Test func aFoldNeedsAGroup() throws {
    var findings = try findings(500, 64, 64)
    findings.groups = "{group}_*"
    findings.groupCounts = ["a": 300, "b": 200]
    #expect(TrainingPlan(for: findings).folds == 2)
    // Two whole sequences are too few to do without one, where the test set goes on one of them.
    findings.groupsGoOn = true
    let plan = TrainingPlan(for: findings)
    #expect(plan.folds == 3 && plan.blocks == 4)
    findings.groupCounts = Dictionary(uniqueKeysWithValues: (0..<20).map { ("g\($0)", 25) })
    #expect(TrainingPlan(for: findings).blocks == nil)
  }

  @Test func theRateFollowsTheBatchAndTheLossTheClasses() throws {
    var findings = try findings(500, 480, 360)
    #expect(TrainingPlan(for: findings).loss == nil)
    findings.kind = .labels
    let plan = TrainingPlan(for: findings)
    #expect(plan.resize == PixelSize(width: 240, height: 180) && plan.patch == nil)
    #expect(plan.loss?.contains("lovasz: 1.0") == true)
    #expect(
      plan.learningRate == (2e-3 * (Double(plan.batch) / 16).squareRoot() * 1e4).rounded() / 1e4)
  }

  /// All of params.yaml, with another competition in it: other sections stay as they are, also in a second go.
  @Test func aWholeFile() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("params.yaml")
    let old = try String(contentsOf: file, encoding: .utf8)
    let findings = try findings(20, 565, 584)
    let proposal = Proposal(
      slug: "tiny", findings: findings, knowledge: Knowledge(of: "tiny", findings),
      plan: TrainingPlan(for: findings))
    let text = try proposal.parameters(in: old)
    let (before, after) = (try Parameters(yaml: old), try Parameters(yaml: text))
    for section in ["seed", "eda", "inference", "evaluate", "engine", "runtime"] {
      #expect(after[section] == before[section] && before[section] != nil)
    }
    #expect(after["competition.slug"] == .string("tiny"))
    #expect(after["model.patch"] == .int(256) && after["train.crops"] == .int(5))
    #expect(after["model.dropout"] == before["model.dropout"])
    #expect(after["train.weight_decay"] == before["train.weight_decay"])
    // What is worth its time in the default competition isn't taken over.
    #expect(after["model.hypercolumn"] == .bool(false))
    let gentle = try Parameters(
      yaml: """
        train:
          augmentation:
            - hflip: {p: 0.5}
            - random_sized_crop: {p: 0.5, scale: [0.7, 1.0]}
            - brightness_contrast: {p: 1.0, brightness: 0.05, contrast: 0.1}
        """)
    #expect(after["train.augmentation"] == gentle["train.augmentation"])
    #expect(after["unzip.place"]?["train.zip"] == .string("train"))
    #expect(after["unzip.limit_gb"] == before["unzip.limit_gb"])
    let lines = Set(text.split(separator: "\n"))
    let comments = old.split(separator: "\n").drop { !$0.hasPrefix("download:") }
      .filter { $0.contains("  # ") && !$0.hasPrefix("  epochs") }
    for line in comments {
      let comment = line[line.range(of: "  # ")!.lowerBound...]
      #expect(lines.contains { $0.hasSuffix(comment) }, "\(line)")
    }
    #expect(try proposal.parameters(in: text) == text)
  }

  /// As `work bench` counts them on the network itself.
  @Test(arguments: [
    (128, 8, 1, 1, 189_005_824.0), (128, 16, 1, 1, 753_401_856), (128, 32, 1, 1, 3_008_364_544),
    (256, 16, 3, 12, 3_044_016_128),
  ])
  func multiplyAdds(_ side: Int, _ filters: Int, _ channels: Int, _ outputs: Int, _ count: Double) {
    let size = NetworkSize(
      pixels: side * side, filters: filters, levels: 5, channels: channels, outputs: outputs)
    #expect(size.multiplyAdds == count)
  }
}
