// An augmentation as parameters: every key may be left out, a wrong value is an error that names
// it.

extension Augmentation: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case hflip, vflip, crop, affine, shift, scale, rotate, elastic, light, brightness, contrast,
      border
    case cropScale = "crop_scale"
    case elasticDeviation = "elastic_deviation"
    case elasticCells = "elastic_cells"
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads parameters.
  /// - Throws: `DecodingError` that names an unknown key or a value out of its range.
  public init(from decoder: any Decoder) throws {
    self.init()
    let names = Set(CodingKeys.allCases.map(\.stringValue))
    for key in try decoder.container(keyedBy: AnyKey.self).allKeys
    where !names.contains(key.stringValue) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath + [key],
          debugDescription: "there is no augmentation “\(key.stringValue)”; there are "
            + names.sorted().joined(separator: ", ")))
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys, _ range: ClosedRange<Double>, _ other: Double) throws -> Double {
      guard let value = try values.decodeIfPresent(Double.self, forKey: key) else { return other }
      guard range.contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values,
          debugDescription:
            "\(key.stringValue) is \(value), but must lie in \(range.lowerBound)...\(range.upperBound)"
        )
      }
      return value
    }
    hflip = try number(.hflip, 0...1, hflip)
    vflip = try number(.vflip, 0...1, vflip)
    crop = try number(.crop, 0...1, crop)
    affine = try number(.affine, 0...1, affine)
    shift = try number(.shift, 0...1, shift)
    scale = try number(.scale, 0...10, scale)
    rotate = try number(.rotate, 0...180, rotate)
    elastic = try number(.elastic, 0...1, elastic)
    elasticDeviation = try number(.elasticDeviation, 0...100, elasticDeviation)
    light = try number(.light, 0...1, light)
    brightness = try number(.brightness, 0...1, brightness)
    contrast = try number(.contrast, 0...1, contrast)
    border = try values.decodeIfPresent(Padding.Mode.self, forKey: .border) ?? border
    if let cells = try values.decodeIfPresent(Int.self, forKey: .elasticCells) {
      guard (1...64).contains(cells) else {
        throw DecodingError.dataCorruptedError(
          forKey: .elasticCells, in: values,
          debugDescription: "elastic_cells is \(cells), but must lie in 1...64")
      }
      elasticCells = cells
    }
    if let ends = try values.decodeIfPresent([Double].self, forKey: .cropScale) {
      guard ends.count == 2, 0.01 <= ends[0], ends[0] <= ends[1], ends[1] <= 1 else {
        throw DecodingError.dataCorruptedError(
          forKey: .cropScale, in: values,
          debugDescription: "crop_scale is \(ends), but must be [least, most] within 0.01...1")
      }
      cropScale = ends[0]...ends[1]
    }
  }

  /// Writes every parameter.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(hflip, forKey: .hflip)
    try values.encode(vflip, forKey: .vflip)
    try values.encode(crop, forKey: .crop)
    try values.encode([cropScale.lowerBound, cropScale.upperBound], forKey: .cropScale)
    try values.encode(affine, forKey: .affine)
    try values.encode(shift, forKey: .shift)
    try values.encode(scale, forKey: .scale)
    try values.encode(rotate, forKey: .rotate)
    try values.encode(elastic, forKey: .elastic)
    try values.encode(elasticDeviation, forKey: .elasticDeviation)
    try values.encode(elasticCells, forKey: .elasticCells)
    try values.encode(light, forKey: .light)
    try values.encode(brightness, forKey: .brightness)
    try values.encode(contrast, forKey: .contrast)
    try values.encode(border, forKey: .border)
  }
}
