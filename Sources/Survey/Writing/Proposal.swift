// What `work init` writes: a params.yaml with the competition's section, where its files go, and the plan.

import Basics
import Foundation

/// A competition as it would be written to params.yaml.
public struct Proposal: Sendable {
  /// The competition's name at Kaggle.
  public var slug: String
  /// What its files show.
  public var findings: Findings
  /// What they don't.
  public var knowledge: Knowledge
  /// Network and training.
  public var plan: TrainingPlan

  /// A proposal.
  public init(slug: String, findings: Findings, knowledge: Knowledge, plan: TrainingPlan) {
    (self.slug, self.findings, self.knowledge, self.plan) = (slug, findings, knowledge, plan)
  }

  /// The sections that are written into; all others stay as they are.
  public static let sections = ["competition", "download", "unzip", "folds", "model", "train"]

  /// A params.yaml with this competition in the place of its own.
  ///
  /// - Throws: `InputError` where its layout isn't understood.
  public func parameters(in old: String) throws -> String {
    var text = ParameterText(old)
    text.replaceSection("competition", by: findings.competitionLines(slug: slug, knowledge))
    let files = "[" + findings.download.map(YAMLLines.quoted).joined(separator: ", ") + "]"
    try text.set("download", "files", to: files, reason: nil)
    try text.set(
      "unzip", "place", to: "",
      nested: findings.places.map { "    \(YAMLLines.key($0.name)): \(YAMLLines.text($0.folder))" },
      reason: nil)
    if findings.gigabytes > 16 || !text.has("unzip", "limit_gb") {
      let limit = max(20, Int((findings.gigabytes * 1.25).rounded(.up)))
      try text.set(
        "unzip", "limit_gb", to: "\(limit)",
        reason: "the archives unpack to \(TrainingPlan.short(findings.gigabytes)) GB")
    }
    try setPlan(&text)
    return text.text
  }

  /// As params.yaml has it, such as 4.0e-3.
  static func scientific(_ rate: Double) -> String {
    let thousandths = (rate * 1e4).rounded() / 10
    return "\(thousandths)e-3"
  }

  /// Few epochs learn most from images that are changed little.
  private static let gentleAugmentation =
    "[{hflip: {p: 0.5}}, {random_sized_crop: {p: 0.5, scale: [0.7, 1.0]}}, "
    + "{brightness_contrast: {p: 1.0, brightness: 0.05, contrast: 0.1}}]"

  private func setPlan(_ text: inout ParameterText) throws {
    func set(_ key: String, _ value: String, isUsual: Bool = false) throws {
      let parts = key.split(separator: ".").map(String.init)
      // A key that isn't there and holds what is usual needn't be.
      guard !isUsual || text.has(parts[0], parts[1]) else { return }
      try text.set(parts[0], parts[1], to: value, reason: isUsual ? nil : plan.reasons[key])
    }
    try set("folds.count", "\(plan.folds)")
    try set("folds.blocks", plan.blocks.map { "\($0)" } ?? "null", isUsual: plan.blocks == nil)
    try set(
      "train.learning_rate", Self.scientific(plan.learningRate),
      isUsual: plan.batch == 16 && !plan.hasEncoder)
    try set(
      "model.kind", plan.encoder ?? "unet", isUsual: !plan.hasEncoder)
    try set("model.weights", plan.hasEncoder ? "imagenet" : "none", isUsual: !plan.hasEncoder)
    try set("train.encoder_rate", plan.hasEncoder ? "0.5" : "null", isUsual: true)
    try set("train.freeze_epochs", "null", isUsual: true)
    // What the default competition's images are worth the time for.
    try set("model.decoder", "unet", isUsual: true)
    try set("model.hypercolumn", "false", isUsual: true)
    try set("train.deep_supervision", "null", isUsual: true)
    try set("train.augmentation", Self.gentleAugmentation, isUsual: true)
    try set("train.phases", plan.phases ?? "null", isUsual: plan.phases == nil)
    if plan.phases != nil { try set("train.lovasz", "{errors: elu, symmetric: false}") }
    if let loss = plan.loss { try set("train.loss", loss) }
    try set("model.filters", "\(plan.filters)")
    try set("model.levels", "\(plan.levels)")
    try set("model.pad_to", plan.padTo.map { "\($0)" } ?? "null")
    try set("model.patch", plan.patch.map { "\($0)" } ?? "null", isUsual: plan.patch == nil)
    try set(
      "model.resize", plan.resize.map { "{width: \($0.width), height: \($0.height)}" } ?? "null",
      isUsual: plan.resize == nil)
    try set("train.epochs", "\(plan.epochs)")
    try set("train.budget", "null", isUsual: true)
    try set("train.batch", "\(plan.batch)")
    let isWhole = plan.patch == nil
    try set("train.crops", isWhole ? "null" : "\(plan.crops)", isUsual: isWhole)
    try set("train.centred", isWhole ? "null" : "0.5", isUsual: isWhole)
  }
}
