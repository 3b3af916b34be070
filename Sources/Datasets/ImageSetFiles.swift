// Reading an image set from files: several threads, each file once, sizes checked.

public import Foundation
public import Imaging

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

  /// Reads images, and their masks and features if there are any.
  /// - Parameters:
  ///   - ids: the images to read, each once; the set keeps their order.
  ///   - images: the picture of an id, of any format that `ImageFile` reads.
  ///   - features: values by id, for example the depth; empty for none. Ids without an image are
  ///     no mistake.
  ///   - channels: 1 turns colour to grey (ITU-R BT.601 luma), 3 keeps it.
  ///   - threads: how many files are decoded at a time; never changes the result.
  ///   - progress: called with the number of images read so far.
  /// - Throws: `ImageSetError` naming the first image, in order of `ids`, with a file that is
  ///   missing, unreadable or of another size, without a mask, or without features.
  public init(
    ids: [String], images: @Sendable (String) -> URL, masks: Masks = .none,
    features: [String: [Float]] = [:], width: Int, height: Int, channels: Int, threads: Int = 1,
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws {
    precondition(channels == 1 || channels == 3, "images of 1 or 3 channels")
    if let twice = Self.firstTwice(ids) {
      throw ImageSetError(id: twice, problem: "appears twice in the list of images")
    }
    guard !ids.isEmpty else {
      throw ImageSetError(id: "(none)", problem: "the list of images is empty")
    }
    let vectors = try features.isEmpty ? [] : ids.map { try Self.features(of: $0, in: features) }
    let reader = ImageReader(width: width, height: height, channels: channels)
    let read = try concurrentMap(count: ids.count, threads: threads, progress: progress) { index in
      let id = ids[index]
      let image = try reader.image(id, images(id))
      return (image: image, mask: try reader.mask(id, masks)?.pixels ?? [])
    }
    self.init(
      ids: ids, width: width, height: height, channels: channels, features: vectors,
      samples: Self.joined(read.map(\.image)), masks: read.flatMap(\.mask))
  }

  /// Checks that a folder holds a mask for every image and an image for every mask.
  /// - Parameters:
  ///   - images: the ids of the images that are there.
  ///   - masks: the ids of the masks that are there.
  /// - Throws: `ImageSetError` naming the first id that lacks its counterpart, and how many do.
  public static func checkPairs(images: [String], masks: [String]) throws {
    func report(_ missing: Set<String>, _ what: String) throws {
      guard let first = missing.min() else { return }
      let more = missing.count > 1 ? " (\(missing.count) images in all)" : ""
      throw ImageSetError(id: first, problem: what + more)
    }
    try report(Set(images).subtracting(masks), "has no mask")
    try report(Set(masks).subtracting(images), "has a mask, but no image")
  }

  private static func features(of id: String, in table: [String: [Float]]) throws -> [Float] {
    guard let values = table[id] else {
      throw ImageSetError(id: id, problem: "has no depth in the table of depths")
    }
    guard values.allSatisfy(\.isFinite) else {
      throw ImageSetError(id: id, problem: "has a depth that is not a finite number")
    }
    return values
  }

  private static func firstTwice(_ ids: [String]) -> String? {
    var seen: Set<String> = []
    return ids.first { !seen.insert($0).inserted }
  }

  /// One list of all samples: 8 bits if all files have 8 or fewer, else 16.
  private static func joined(_ images: [Samples]) -> Samples {
    let bytes = images.compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }
    if bytes.count == images.count { return .bytes(Array(bytes.joined())) }
    return .words(
      images.flatMap { image in
        switch image {
        case .bytes(let bytes): bytes.map { UInt16($0) * 257 }
        case .words(let words): words
        }
      })
  }
}

/// Decodes files of one expected size, with errors that name them.
private struct ImageReader: Sendable {
  var width: Int
  var height: Int
  var channels: Int

  func image(_ id: String, _ url: URL) throws -> ImageSet.Samples {
    let raster = try decode(id, url, "image")
    let plane = Plane(raster, channels: channels)
    return raster.bitDepth <= 8
      ? .bytes(plane.values.map { UInt8(($0 * 255).rounded()) })
      : .words(plane.values.map { UInt16(($0 * 65535).rounded()) })
  }

  func mask(_ id: String, _ source: ImageSet.Masks) throws -> Mask? {
    switch source {
    case .none: return nil
    case .files(let file): return Mask(try decode(id, file(id), "mask"))
    case .runs(let table, let runLength):
      guard let text = table[id] else {
        throw ImageSetError(id: id, problem: "has no mask in the table of run lengths")
      }
      do {
        return try runLength.decode(text, width: width, height: height)
      } catch {
        throw ImageSetError(id: id, problem: "has run lengths that cannot be decoded: \(error)")
      }
    }
  }

  private func decode(_ id: String, _ url: URL, _ what: String) throws -> Raster {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw ImageSetError(id: id, problem: "has no \(what): \(url.path) does not exist")
    }
    let raster: Raster
    do {
      raster = try Raster(ImageFile.decode(contentsOf: url))
    } catch let error as ScanError {
      throw ImageSetError(id: id, problem: "has an unusable \(what): \(url.path): \(error)")
    } catch {
      throw ImageSetError(id: id, problem: "has an unreadable \(what): \(error)")
    }
    guard raster.width == width, raster.height == height else {
      throw ImageSetError(
        id: id,
        problem: "the \(what) \(url.path) has \(raster.width) x \(raster.height) pixels, but "
          + "competition.image says \(width) x \(height)")
    }
    return raster
  }
}
