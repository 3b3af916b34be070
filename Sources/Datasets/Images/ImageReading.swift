// Reading images and what is known of them from files, with errors that name the file.

public import Foundation
public import Imaging

/// How the files of images are read.
struct ImageReading: Sendable {
  /// That all images should have; nil: each its own.
  var size: ImageSize?
  /// That the network sees.
  var channels: Int
  /// The samples that become 0 and 1; nil: 0 and full scale.
  var range: ClosedRange<Double>?
  var orientation = DecodingOptions.Orientation.ignore

  /// The samples of an image.
  /// - Throws: `ImageSetError` naming the file.
  func image(_ id: String, _ url: URL) throws -> (samples: Samples, size: ImageSize) {
    var options = DecodingOptions()
    options.orientation = orientation
    let scan = try Self.scan(id, url, "image", options: options) {
      try checkSize($0, id, url, "image")
    }
    do {
      return (
        try samples(of: try scan.with(channels: channels)),
        ImageSize(width: scan.width, height: scan.height)
      )
    } catch let error as ScanError {
      throw ImageSetError(id: id, problem: "has an unusable image: \(url.path): \(error)")
    }
  }

  private func samples(of scan: Scan) throws -> Samples {
    switch scan.samples {
    case .bytes(let bytes) where range == nil:
      guard scan.fullScale != 255 else { return .bytes(bytes) }
      let scale = 255 / scan.fullScale
      return .bytes(bytes.map { UInt8((Float($0) * scale).rounded()) })
    case .words(let words) where range == nil:
      guard scan.fullScale != 65535 else { return .words(words) }
      let scale = 65535 / scan.fullScale
      return .words(words.map { UInt16((Float($0) * scale).rounded()) })
    case .bytes(let bytes): return mapped(bytes) { Double($0) }
    case .words(let words): return mapped(words) { Double($0) }
    case .floats(let floats):
      if let value = floats.first(where: { !$0.isFinite }) {
        throw ScanError(description: "a sample is \(value), which is no number")
      }
      guard range == nil else { return mapped(floats) { Double($0) } }
      let (least, most) = (floats.min() ?? 0, floats.max() ?? 0)
      guard least >= 0, most <= 1 else {
        throw ScanError(
          description:
            "its samples go from \(least) to \(most): say which of them become 0 and 1 by "
            + "competition.image.range, such as [\(least), \(most)]")
      }
      return .words(floats.map { UInt16(($0 * 65535).rounded()) })
    }
  }

  private func mapped<Sample>(_ samples: [Sample], _ number: (Sample) -> Double) -> Samples {
    let range = range ?? 0...1
    let scale = 65535 / (range.upperBound - range.lowerBound)
    return .words(
      samples.map {
        UInt16((min(max((number($0) - range.lowerBound) * scale, 0), 65535)).rounded())
      })
  }

  private func checkSize(_ found: ImageSize, _ id: String, _ url: URL, _ what: String) throws {
    guard let size, found != size else { return }
    throw ImageSetError(
      id: id,
      problem: "the \(what) \(url.path) has \(found) pixels, but competition.image says \(size)")
  }

  /// A picture of any format.
  /// - Parameter check: refuses its size, as the file's header states it: a few kilobytes can stand for
  ///   gigabytes of pixels, which are not decoded before that.
  static func scan(
    _ id: String, _ url: URL, _ what: String, options: DecodingOptions = DecodingOptions(),
    check: (ImageSize) throws -> Void = { _ in }
  ) throws -> Scan {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw ImageSetError(id: id, problem: "has no \(what): \(url.path) does not exist")
    }
    do {
      let header = try ImageFile.header(contentsOf: url, options: options)
      try check(ImageSize(width: header.width, height: header.height))
      return try ImageFile.decode(contentsOf: url, options: options)
    } catch let error as ImageSetError {
      throw error
    } catch {
      throw ImageSetError(id: id, problem: "has an unreadable \(what): \(error)")
    }
  }

  /// A mask's picture, of the image's size.
  static func mask(
    _ id: String, _ url: URL, _ marking: Marking, size: ImageSize, expected: ImageSize?
  )
    throws -> Mask
  {
    let scan = try scan(id, url, "mask") { found in
      guard found == size else {
        throw ImageSetError(
          id: id,
          problem: "the mask \(url.path) has \(found) pixels, but "
            + (expected == nil ? "its image has \(size)" : "competition.image says \(size)"))
      }
    }
    do { return try Mask(scan, marked: marking) } catch {
      throw ImageSetError(id: id, problem: "has an unusable mask: \(url.path): \(error)")
    }
  }
}

extension ImageSet {
  /// Where masks come from.
  public enum Masks: Sendable {
    /// There are none.
    case none
    /// From a picture an image, of any format that `ImageFile` reads: nonzero means marked.
    case files(@Sendable (String) -> URL)
    /// From run lengths by id.
    case runs([String: String], RunLength)
  }

  /// Reads images into memory, and their masks and features if there are any.
  /// - Parameters:
  ///   - ids: the images to read, each once; the set keeps their order.
  ///   - images: the picture of an id, of any format that `ImageFile` reads.
  ///   - features: values by id, for example the depth; empty for none. Ids without an image are
  ///     no mistake.
  ///   - width: of all images; nil, as the height, where every image has its own size.
  ///   - channels: 1 turns colour to grey (ITU-R BT.601 luma), 3 keeps it; or the files' own number.
  ///   - threads: how many files are decoded at a time; never changes the result.
  ///   - progress: called with the number of images read so far.
  /// - Throws: `ImageSetError` naming the first image, in order of `ids`, with a file that is
  ///   missing, unreadable or of another size, without a mask, or without features.
  public init(
    ids: [String], images: @Sendable (String) -> URL, masks: Masks = .none,
    features: [String: [Float]] = [:], width: Int?, height: Int?, channels: Int, threads: Int = 1,
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws {
    try Self.checkIDs(ids)
    let vectors = try features.isEmpty ? [] : ids.map { try Self.features(of: $0, in: features) }
    let size = width.flatMap { width in height.map { ImageSize(width: width, height: $0) } }
    let reading = ImageReading(size: size, channels: channels)
    let source: TruthSource? =
      switch masks {
      case .none: nil
      case .files(let file):
        .maskFiles(expected: size, marking: .nonzero, classes: 1) { [(file($0), 0)] }
      case .runs(let table, let runLength):
        .table(table.mapValues { [.init(text: $0, classIndex: 0)] }, runLength, classes: 1)
      }
    let encoded = try concurrentMap(count: ids.count, threads: threads, progress: progress) {
      try reading.encoded(ids[$0], images(ids[$0]), source)
    }
    self.init(
      ids: ids, channels: channels, features: vectors, truth: source.map { _ in .mask },
      classes: 1, encoded: encoded)
  }

  /// - Throws: `ImageSetError` where there is no image, or one twice.
  static func checkIDs(_ ids: [String]) throws {
    var seen: Set<String> = []
    if let twice = ids.first(where: { !seen.insert($0).inserted }) {
      throw ImageSetError(id: twice, problem: "appears twice in the list of images")
    }
    guard !ids.isEmpty else {
      throw ImageSetError(id: "(none)", problem: "the list of images is empty")
    }
  }

  /// Checks that a folder holds a mask for every image and an image for every mask.
  /// - Parameters:
  ///   - images: the ids of the images that are there.
  ///   - masks: the ids of the masks that are there.
  ///   - allowsMissing: whether an image may lack its mask.
  /// - Throws: `ImageSetError` naming the first id that lacks its counterpart, and how many do.
  public static func checkPairs(images: [String], masks: [String], allowsMissing: Bool = false)
    throws
  {
    func report(
      _ missing: Set<String>, _ what: String, among others: [String], _ advice: String = ""
    ) throws {
      guard let first = missing.min() else { return }
      let alike = others.filter { $0.lowercased() == first.lowercased() }.min()
      let more = missing.count > 1 ? " (\(missing.count) images in all)" : ""
      throw ImageSetError(
        id: first,
        problem: what + more
          + (alike.map { "; “\($0)” differs only in upper and lower case" } ?? advice))
    }
    if !allowsMissing {
      try report(
        Set(images).subtracting(masks), "has no mask", among: masks,
        "; if it is an empty one, set competition.missing_masks: empty")
    }
    try report(Set(masks).subtracting(images), "has a mask, but no image", among: images)
  }

  static func features(of id: String, in table: [String: [Float]]) throws -> [Float] {
    guard let values = table[id] else {
      throw ImageSetError(id: id, problem: "has no depth in the table of depths")
    }
    guard values.allSatisfy(\.isFinite) else {
      throw ImageSetError(id: id, problem: "has a depth that is not a finite number")
    }
    return values
  }
}

extension ImageReading {
  /// An image and its truth.
  /// - Throws: `ImageSetError`.
  func encoded(_ id: String, _ url: URL, _ source: TruthSource?) throws -> EncodedImage {
    let (samples, size) = try image(id, url)
    return EncodedImage(
      samples, size: size, channels: channels, truth: try source?.truth(of: id, size),
      classes: source?.classes ?? 1)
  }
}
