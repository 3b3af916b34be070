// The files of annotations in COCO's form, wherever they lie: in the folder, or in an archive.

import Archive
import Basics
import Foundation
import Imaging

/// A file of annotations: what it says of each image, and where it will lie.
struct ServedAnnotations: Sendable {
  /// What is known of an image's objects.
  struct Image: Sendable {
    /// How many there are of each category, by its number.
    var counts: [Int: Int] = [:]
    /// Of them, crowds.
    var crowds = 0
  }

  /// The name of the file in the folder.
  var source: String
  /// Its path inside the archive `source`; nil for a file in the folder itself.
  var member: String?
  /// By the name of the image's file, without folders and ending.
  var images: [String: Image] = [:]
  /// Numbers and names of the categories that an object has, in the file's order.
  var categories: [(number: Int, name: String)] = []

  /// The file's own name, such as "train.json".
  var name: String {
    (member ?? source).lastPathName
  }

  fileprivate init(_ source: String, member: String?, _ file: COCOFile) {
    (self.source, self.member) = (source, member)
    let stems = Dictionary(
      file.images.map { ($0.id, $0.stem) }, uniquingKeysWith: { first, _ in first })
    for image in file.images { images[image.stem] = Image() }
    for object in file.annotations {
      guard let stem = stems[object.imageId] else { continue }
      images[stem]?.counts[object.categoryId ?? 0, default: 0] += 1
      if object.isCrowd == 1 { images[stem]?.crowds += 1 }
    }
    let used = Set(images.values.flatMap(\.counts.keys))
    categories = (file.categories ?? []).filter { used.contains($0.id) }
      .map { ($0.id, $0.name) }
  }

  /// The share of these ids that the file has as an image.
  func share(of ids: Set<String>) -> Double {
    ids.isEmpty ? 0 : Double(ids.count { images[$0] != nil }) / Double(ids.count)
  }

  /// All files of annotations of a folder.
  ///
  /// - Returns: the files, and a sentence for each JSON file that is of another form or too large.
  /// - Throws: `ArchiveError` for a damaged archive.
  static func all(of files: ServedFiles) throws -> (found: [ServedAnnotations], problems: [String])
  {
    var (found, problems): ([ServedAnnotations], [String]) = ([], [])
    func add(_ source: String, _ member: String?, _ data: () throws -> Data) {
      do {
        let name = member.map { "\(source): \($0)" } ?? source
        found.append(ServedAnnotations(source, member: member, try COCOFile(data(), name: name)))
      } catch {
        problems.append("\(error)")
      }
    }
    for name in files.annotations {
      let url = files.folder.appendingPathComponent(name)
      let size = (try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
      guard size <= ServedTables.limit else {
        problems.append("\(name): not looked at: \(size / 1_000_000) MB of JSON")
        continue
      }
      add(name, nil) { try Data(contentsOf: url) }
    }
    for archive in files.archives {
      let large = archive.entries.filter { $0.isJSON && $0.statedBytes ?? 0 > ServedTables.limit }
      problems += large.map { "\(archive.name): \($0.path): not looked at: it is too large" }
      // Thousands of JSON files are descriptions of images, a file each.
      let members = Set(archive.entries.filter(\.isJSON).map(\.path))
        .subtracting(large.map(\.path))
      guard !members.isEmpty else { continue }
      guard members.count <= 32 else {
        problems.append("\(archive.name): \(members.count) JSON files weren't looked at")
        continue
      }
      try archive.read(members, limit: ServedTables.limit) { path, data in
        add(archive.name, path) { data }
      }
    }
    return (found, problems)
  }
}

extension ArchiveEntry {
  fileprivate var isJSON: Bool { path.lowercased().hasSuffix(".json") }
}
