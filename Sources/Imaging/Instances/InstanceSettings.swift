// From probabilities to instances: which settings there are, and the steps that they steer.

/// How maps of probabilities become instances.
public struct InstanceSettings: Sendable, Equatable, Hashable, Codable {
  /// What the cores of instances are found by.
  public enum Seeds: String, Sendable, Codable, CaseIterable {
    /// Foreground without border.
    case border
    /// Far from the instance's own border.
    case distance
    /// Far from the instance's own border, and lowered by half near other instances.
    case both
  }

  /// What the cores of instances are found by; a map that isn't there is left out.
  public var seeds: Seeds
  /// Pixels above it (strictly) belong to cores, 0…1.
  public var seedThreshold: Double
  /// Pixels with a probability above it (strictly) belong to instances, 0…1.
  public var foregroundThreshold: Double
  /// Cores with fewer pixels don't count, unless their piece of foreground has no other.
  public var minimumSeed: Int
  /// Instances with fewer pixels become background.
  public var minimumArea: Int
  /// Whether holes within an instance are filled.
  public var fillHoles: Bool

  enum CodingKeys: String, CodingKey {
    case seeds
    case seedThreshold = "seed_threshold"
    case foregroundThreshold = "foreground_threshold"
    case minimumSeed = "minimum_seed"
    case minimumArea = "minimum_area"
    case fillHoles = "fill_holes"
  }

  /// Settings; the defaults suit nuclei: of border, distance and both, border leads back best from
  /// maps that are blurred and noisy.
  public init(
    seeds: Seeds = .border, seedThreshold: Double = 0.5, foregroundThreshold: Double = 0.5,
    minimumSeed: Int = 4, minimumArea: Int = 0, fillHoles: Bool = true
  ) {
    self.seeds = seeds
    self.seedThreshold = seedThreshold
    self.foregroundThreshold = foregroundThreshold
    self.minimumSeed = minimumSeed
    self.minimumArea = minimumArea
    self.fillHoles = fillHoles
  }
}

extension InstanceMaps {
  /// The instances that the maps show.
  ///
  /// Cores are components (4-connected) of foreground whose value is above the threshold. They grow
  /// by a watershed over the foreground, from far within an instance to its border. A piece of
  /// foreground that no core reaches is an instance of its own. Then holes are filled, and what is
  /// too small is left out. Numbers follow the cores, row by row from the top.
  public func instances(_ settings: InstanceSettings) -> LabelMap {
    let least = Self.leastByte(above: settings.foregroundThreshold)
    let mask = Mask(
      width: width, height: height, pixels: foreground.map { Int($0) >= least ? 1 : 0 })
    let seedLeast = Self.leastByte(above: settings.seedThreshold)
    let values = coreValues(settings.seeds)
    let cores = LabelMap(
      components: Mask(
        width: width, height: height,
        pixels: zip(values, mask.pixels).map { Int($0) >= seedLeast ? $1 : 0 }))
    let seeds = settings.minimumSeed > 1 ? cores.removing(smallerThan: settings.minimumSeed) : cores
    let grown = seeds.flooding(values.map { 255 - $0 }, within: mask)
    var result = grown.addingPieces(of: mask)
    if settings.fillHoles { result = result.fillingHoles() }
    return result.removing(smallerThan: settings.minimumArea)
  }

  /// How surely each pixel belongs to the core of an instance.
  private func coreValues(_ seeds: InstanceSettings.Seeds) -> [UInt8] {
    switch (seeds, border, distance) {
    case (.both, let border?, let distance?):
      zip(distance, border).map { UInt8((Int($0) * (510 - Int($1)) + 255) / 510) }
    case (.border, let border?, _), (_, let border?, nil):
      zip(foreground, border).map { UInt8((Int($0) * (255 - Int($1)) + 127) / 255) }
    case (_, _, let distance?): distance
    case (_, nil, nil): foreground
    }
  }

  /// The least byte that stands for a probability above a threshold; 256 if there is none.
  private static func leastByte(above threshold: Double) -> Int {
    (0...255).first { Double($0) / 255 > threshold } ?? 256
  }
}

extension LabelMap {
  /// With the pieces of a mask that have no label yet as further instances.
  fileprivate func addingPieces(of mask: Mask) -> LabelMap {
    var rest = mask.pixels
    for (pixel, label) in labels.enumerated() where label != 0 { rest[pixel] = 0 }
    let pieces = LabelMap(components: Mask(width: width, height: height, pixels: rest))
    guard pieces.count > 0 else { return self }
    let joined = zip(labels, pieces.labels).map { label, piece in
      piece == 0 ? label : piece + UInt32(count)
    }
    return LabelMap(width: width, height: height, labels: joined, count: count + pieces.count)
  }
}
