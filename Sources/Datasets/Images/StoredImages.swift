// Decoded images in one file below .work/images: made once, by the first stage that needs them, and read by
// all others as far as they need. So no number of images has to fit into memory.

import Basics
import Foundation
import Synchronization

/// What a file of decoded images is made of.
struct ImageStoreRecipe {
  /// What the images are for: "train" or "test".
  var role: String
  var ids: [String]
  /// Everything beside the ids that the result depends on, as text: settings, and files with size and time.
  var facts: [String]
  /// Whether images that can't be read are left out.
  var skipsBad: Bool
  /// - Throws: `ImageSetError`.
  var read: @Sendable (Int) throws -> EncodedImage

  /// The same for the same images.
  var key: String {
    var (one, other) = (Hash64(), Hash64(0x9e37_79b9_7f4a_7c15))
    for text in ["1", "\(skipsBad)"] + facts + ids {
      for byte in text.utf8 {
        one.add(UInt64(byte))
        other.add(UInt64(byte) &+ (other.value >> 29))
      }
      one.add(0x100)
    }
    return String(one.value, radix: 16) + String(other.value, radix: 16)
  }
}

/// The images of a file.
struct StoredImages {
  var ids: [String]
  var entries: [ImageEntry]
  var leftOut: [String]
  var store: SampleStore

  private struct Index: Codable {
    var ids: [String]
    var entries: [ImageEntry]
    var leftOut: [String]
  }

  /// At the file's end: the index's hash and length, eight bytes each, and this mark.
  private static let mark = Array("workimg2".utf8)

  /// The images of a recipe, from the file in a folder; made there if it isn't.
  ///
  /// - Parameter progress: called with the number of images decoded.
  /// - Throws: what reading throws, for the first image at fault; `FileError`.
  init(
    _ recipe: ImageStoreRecipe, in folder: URL, threads: Int,
    progress: @Sendable (Int) -> Void
  ) throws {
    try WholeFile.makeFolder(folder)
    let url = folder.appendingPathComponent("\(recipe.role)-\(recipe.key).images")
    // Folds that begin side by side would otherwise all decode.
    let lock = try FileLock(folder.appendingPathComponent("\(recipe.role).lock"))
    defer { withExtendedLifetime(lock) {} }
    if let found = StoredImages(contentsOf: url) {
      self = found
      return
    }
    try Self.make(recipe, at: url, threads: threads, progress: progress)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    where name.hasPrefix("\(recipe.role)-") && name != url.lastPathComponent {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
    guard let made = StoredImages(contentsOf: url) else {
      throw FileError(url.path, "can't be read", reason: "it was written a moment ago")
    }
    self = made
  }

  /// Nil where there is no such file, or a damaged one.
  private init?(contentsOf url: URL) {
    guard let store = try? SampleStore(contentsOf: url), store.count >= 24,
      store.bytes(at: store.count - 8, count: 8) == Self.mark
    else { return nil }
    func number(at offset: Int) -> UInt64 {
      store.bytes(at: offset, count: 8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    let length = number(at: store.count - 16)
    guard length <= UInt64(store.count - 24) else { return nil }
    // Offsets and sizes are believed from here on, so they must be those that were written.
    let text = store.bytes(at: store.count - 24 - Int(length), count: Int(length))
    guard Self.hash(text) == number(at: store.count - 24),
      let index = try? JSONDecoder().decode(Index.self, from: Data(text))
    else { return nil }
    (ids, entries, leftOut, self.store) = (index.ids, index.entries, index.leftOut, store)
  }

  private static func hash(_ text: [UInt8]) -> UInt64 {
    var hash = Hash64()
    for byte in text { hash.add(UInt64(byte)) }
    return hash.value
  }

  private static func make(
    _ recipe: ImageStoreRecipe, at url: URL, threads: Int, progress: @Sendable (Int) -> Void
  ) throws {
    let file = try WholeFile(url)
    var index = Index(ids: [], entries: [], leftOut: [])
    var offset = 0
    let chunk = 16 * max(1, threads)
    for start in stride(from: 0, to: recipe.ids.count, by: chunk) {
      let images = try concurrentMap(
        count: min(chunk, recipe.ids.count - start), threads: threads
      ) { place -> Result<EncodedImage, ImageSetError> in
        do { return .success(try recipe.read(start + place)) } catch let error as ImageSetError {
          guard recipe.skipsBad else { throw error }
          return .failure(error)
        }
      }
      for (place, image) in images.enumerated() {
        switch image {
        case .success(var image):
          image.entry.offset = offset
          // Samples of two bytes begin at even places.
          if image.bytes.count % 8 != 0 {
            image.bytes += [UInt8](repeating: 0, count: 8 - image.bytes.count % 8)
          }
          try image.bytes.withUnsafeBytes { try file.write($0) }
          offset += image.bytes.count
          index.ids.append(recipe.ids[start + place])
          index.entries.append(image.entry)
        case .failure(let error): index.leftOut.append("\(error)")
        }
      }
      progress(start + images.count)
    }
    guard !index.ids.isEmpty else {
      throw ImageSetError(id: recipe.ids[0], problem: "as all others: \(index.leftOut[0])")
    }
    let text = Array(try JSONEncoder().encode(index))
    try text.withUnsafeBytes { try file.write($0) }
    try withUnsafeBytes(of: hash(text).littleEndian) { try file.write($0) }
    try withUnsafeBytes(of: UInt64(text.count).littleEndian) { try file.write($0) }
    try mark.withUnsafeBytes { try file.write($0) }
    try file.commit(flushed: false)
  }
}

/// A file with its size and time of change, which tell whether it is the one that was read before.
func fileFact(_ url: URL) -> String {
  var facts = stat()
  guard stat(url.path, &facts) == 0 else { return "\(url.path) missing" }
  return
    "\(url.path) \(facts.st_size) \(facts.st_mtim.tv_sec).\(facts.st_mtim.tv_nsec) \(facts.st_ino)"
}
