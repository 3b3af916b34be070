// Where the truth about images comes from: mask files, label maps, or run lengths in a table.

import Basics
import Foundation
import Imaging

/// Gives the truth about an image.
struct TruthSource: Sendable {
  /// A row of a table.
  struct Row: Sendable {
    /// The run lengths.
    var text: String
    var classIndex: Int
  }

  var kind: TargetKind
  /// Masks an image, or exclusive classes.
  var classes: Int
  /// - Throws: `ImageSetError`.
  var truth: @Sendable (_ id: String, _ size: ImageSize) throws -> Truth

  func truth(of id: String, _ size: ImageSize) throws -> Truth { try truth(id, size) }

  /// Masks in files: the union of a class's. An image without a file has nothing marked.
  static func maskFiles(
    expected: ImageSize?, marking: Marking, classes: Int,
    files: @escaping @Sendable (String) throws -> [(url: URL, classIndex: Int)]
  ) -> TruthSource {
    TruthSource(kind: .mask, classes: classes) { id, size in
      var masks = [Mask?](repeating: nil, count: classes)
      for (url, index) in try files(id) {
        let mask = try ImageReading.mask(id, url, marking, size: size, expected: expected)
        masks[index] = masks[index].map { $0.union(mask) } ?? mask
      }
      return .masks(masks.map { $0 ?? Mask(width: size.width, height: size.height) })
    }
  }

  /// Objects, a file each.
  static func instanceFiles(
    marking: Marking, files: @escaping @Sendable (String) throws -> [URL]
  ) -> TruthSource {
    TruthSource(kind: .instances, classes: 1) { id, size in
      .instances(
        LabelMap(
          masks: try files(id).map {
            try ImageReading.mask(id, $0, marking, size: size, expected: nil)
          }.filter { !$0.isEmpty }, width: size.width, height: size.height))
    }
  }

  /// Objects, all in one file: each value but 0 is one.
  static func instanceMap(file: @escaping @Sendable (String) -> URL) -> TruthSource {
    TruthSource(kind: .instances, classes: 1) { id, size in
      let values = try labelValues(id, file(id), size)
      let numbers = Dictionary(
        uniqueKeysWithValues: Set(values).subtracting([0]).sorted().enumerated().map {
          ($1, UInt32($0 + 1))
        })
      return .instances(
        LabelMap(
          width: size.width, height: size.height, labels: values.map { numbers[$0] ?? 0 },
          count: numbers.count))
    }
  }

  /// A label map an image.
  static func labelMaps(_ settings: ClassSettings, file: @escaping @Sendable (String) -> URL)
    -> TruthSource
  {
    let classOfValue = settings.classOfValue
    return TruthSource(kind: .labels, classes: settings.names.count) { id, size in
      let url = file(id)
      let labels = try labelValues(id, url, size).enumerated().map { pixel, value in
        guard let label = classOfValue[value] else {
          throw ImageSetError(
            id: id,
            problem:
              "\(url.path): the pixel in column \(pixel % size.width), row \(pixel / size.width) has the value "
              + "\(value), which is no class (competition.classes: values and ignore)")
        }
        return label
      }
      return .labels(ClassMap(width: size.width, height: size.height, labels: labels))
    }
  }

  /// The values of a label map; of a palette the indices.
  private static func labelValues(_ id: String, _ url: URL, _ size: ImageSize) throws -> [Int] {
    var options = DecodingOptions()
    options.palette = .indices
    let scan = try ImageReading.scan(id, url, "label map", options: options)
    guard scan.width == size.width, scan.height == size.height else {
      throw ImageSetError(
        id: id,
        problem:
          "the label map \(url.path) has \(scan.width) x \(scan.height) pixels, but its image has \(size)"
      )
    }
    let step = scan.channels
    func first<Sample: BinaryInteger>(_ samples: [Sample]) throws -> [Int] {
      try (0..<size.pixels).map { pixel in
        let value = samples[pixel * step]
        for channel in 0..<scan.colours where samples[pixel * step + channel] != value {
          throw ImageSetError(
            id: id,
            problem:
              "\(url.path): a label map in colours: list those of the classes in competition.classes.colors"
          )
        }
        return Int(value)
      }
    }
    switch scan.samples {
    case .bytes(let bytes): return try first(bytes)
    case .words(let words): return try first(words)
    case .floats(let floats):
      return try first(
        floats.map { value -> Int in
          guard let whole = Int(exactly: value) else {
            throw ImageSetError(
              id: id,
              problem: "\(url.path): a label map with the value \(value), which is no whole number")
          }
          return whole
        })
    }
  }

  /// Run lengths by id: the union of a class's rows.
  /// - Parameter allowsMissing: whether an image without a row has nothing marked.
  static func table(
    _ rows: [String: [Row]], _ runLength: RunLength, classes: Int, allowsMissing: Bool = false
  ) -> TruthSource {
    TruthSource(kind: .mask, classes: classes) { id, size in
      var masks = [Mask?](repeating: nil, count: classes)
      for (index, mask) in try decoded(id, rows, runLength, size, allowsMissing) {
        masks[index] = masks[index].map { $0.union(mask) } ?? mask
      }
      return .masks(masks.map { $0 ?? Mask(width: size.width, height: size.height) })
    }
  }

  /// Run lengths by id: an object a row.
  /// - Parameter allowsMissing: whether an image without a row has none.
  static func instanceTable(
    _ rows: [String: [Row]], _ runLength: RunLength, allowsMissing: Bool = false
  ) -> TruthSource {
    TruthSource(kind: .instances, classes: 1) { id, size in
      .instances(
        LabelMap(
          masks: try decoded(id, rows, runLength, size, allowsMissing).map(\.mask).filter {
            !$0.isEmpty
          },
          width: size.width, height: size.height))
    }
  }

  private static func decoded(
    _ id: String, _ rows: [String: [Row]], _ runLength: RunLength, _ size: ImageSize,
    _ allowsMissing: Bool
  ) throws -> [(classIndex: Int, mask: Mask)] {
    guard let rows = rows[id] ?? (allowsMissing ? [] : nil) else {
      throw ImageSetError(id: id, problem: "has no mask in the table of run lengths")
    }
    return try rows.flatMap { row in
      do {
        return try runLength.decodeMasks(row.text, width: size.width, height: size.height).map {
          (row.classIndex, $0)
        }
      } catch {
        throw ImageSetError(id: id, problem: "has run lengths that cannot be decoded: \(error)")
      }
    }
  }
}

extension Mask {
  /// Marked where one of both is.
  func union(_ other: Mask) -> Mask {
    Mask(width: width, height: height, pixels: zip(pixels, other.pixels).map { $0 | $1 })
  }
}
