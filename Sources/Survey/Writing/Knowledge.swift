// What no file of a competition shows: its metric, its title, what is looked for. Known of some competitions
// of the past, else a proposal.

/// What a competition's pages say, and its files don't.
public struct Knowledge: Sendable, Equatable {
  /// As params.yaml has it: a name, or a section in one line.
  public var metric: String
  /// Why this metric.
  public var metricReason: String
  /// Whether the metric is known, and not a proposal.
  public var isKnown: Bool
  /// The competition's name for people.
  public var title: String
  /// What a mask marks, in a word.
  public var target: String
  /// Unit of the depths.
  public var depthUnit: String?
  /// The final leaderboard in a few points, as params.yaml has it; nil where it isn't known.
  public var leaderboard: String?

  /// Metrics that `--metric` takes by name, with what params.yaml holds for them.
  public static let metrics: [(name: String, value: String)] = [
    ("mean-precision", "mean-precision"),
    ("dice", "dice"),
    ("iou", "iou"),
    ("instance-precision", "{unit: instance, measure: precision, empty: one}"),
    ("class-dice", "{unit: image-class, measure: dice, empty: one}"),
    ("class-iou", "{unit: pixels, measure: iou, empty: zero}"),
    ("pooled-dice", "{unit: pixels, measure: dice, empty: zero}"),
  ]

  /// What is known of the competition `slug`, and proposed from what its files show.
  public init(of slug: String, _ findings: Findings) {
    let known = Self.known[slug]
    title = known?.title ?? Self.title(of: slug)
    target =
      known?.target
      ?? (findings.kind == .labels ? "class" : findings.kind == .instances ? "object" : "mask")
    depthUnit = known?.depthUnit
    leaderboard = known?.leaderboard
    isKnown = known != nil
    let name: String
    if let known {
      name = known.metric
      metricReason = "as this competition scored"
    } else {
      switch (findings.kind, findings.rows) {
      case (.instances, _): name = "instance-precision"
      case (.labels, _): name = "class-iou"
      case (.mask, .imageClass): name = "class-dice"
      case (.mask, _): name = "dice"
      }
      metricReason = "a proposal, no file shows it: look at the competition's page “Evaluation”"
    }
    metric = Self.metrics.first { $0.name == name }?.value ?? name
  }

  /// The name of a metric's value, for people.
  public static func name(of value: String) -> String {
    metrics.first { $0.value == value }?.name ?? value
  }

  /// What params.yaml holds for a metric that a person names: one of the names, or a section in one line; nil for
  /// what is neither.
  public static func metric(named text: String) -> String? {
    if let value = metrics.first(where: { $0.name == text })?.value { return value }
    let isSection = text.hasPrefix("{") && text.hasSuffix("}")
    return isSection && (text.contains("measure:") || text.contains("command:")) ? text : nil
  }

  /// Why a metric can't be that of a competition; nil where nothing speaks against it.
  public func problem(with findings: Findings) -> String? {
    let isOfInstances = metric.contains("instance")
    guard isOfInstances != (findings.kind == .instances), !metric.contains("command:") else {
      return nil
    }
    return isOfInstances
      ? "\(Self.name(of: metric)) scores instances, but the files show \(findings.kind.rawValue)"
      : "\(Self.name(of: metric)) scores no instances, but the files show them (\(findings.reasons["kind"] ?? "")): "
        + "take instance-precision, or a section with unit: instance"
  }

  private struct Known {
    var metric: String
    var title: String?
    var target: String
    var depthUnit: String?
    var leaderboard: String?
  }

  private static let known: [String: Known] = [
    "tgs-salt-identification-challenge": Known(
      metric: "mean-precision", title: "TGS Salt Identification Challenge", target: "salt",
      depthUnit: "feet",
      leaderboard:
        "{teams: 3219, ranks: [[0.74, 2427], [0.76, 2242], [0.78, 2083], [0.79, 1987], [0.80, 1871], [0.81, 1734], "
        + "[0.82, 1521], [0.83, 1334], [0.84, 1022], [0.85, 544], [0.86, 309], [0.87, 174], [0.88, 79], "
        + "[0.89, 18], [0.896, 1]]}"),
    "data-science-bowl-2018": Known(
      metric: "instance-precision", title: "2018 Data Science Bowl", target: "nucleus"),
    "carvana-image-masking-challenge": Known(metric: "dice", target: "car"),
    "ultrasound-nerve-segmentation": Known(metric: "dice", target: "nerve"),
    "siim-acr-pneumothorax-segmentation": Known(metric: "dice", target: "pneumothorax"),
    "severstal-steel-defect-detection": Known(metric: "class-dice", target: "defect"),
    "understanding_cloud_organization": Known(metric: "class-dice", target: "cloud"),
    "sartorius-cell-instance-segmentation": Known(metric: "instance-precision", target: "cell"),
    "hubmap-kidney-segmentation": Known(metric: "dice", target: "glomerulus"),
    "hubmap-organ-segmentation": Known(metric: "dice", target: "unit"),
    "google-research-identify-contrails-reduce-global-warming": Known(
      metric: "pooled-dice", target: "contrail"),
  ]

  /// A slug as a title: "ultrasound-nerve-segmentation" is “Ultrasound Nerve Segmentation”.
  private static func title(of slug: String) -> String {
    slug.split { "-_".contains($0) }.map { word in
      let hasVowel = word.contains { "aeiouy".contains($0) }
      return hasVowel || word.count > 4
        ? word.prefix(1).uppercased() + word.dropFirst() : word.uppercased()
    }.joined(separator: " ")
  }
}
