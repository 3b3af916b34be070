// The picture files of an archive in families: files in folders of the same meaning, such as all
// `images/….png`, or all `…/masks/….png` below a folder an image.

import Basics
import Archive
import Foundation
import Imaging

/// Picture files of an archive whose paths are alike.
struct PictureFamily: Sendable, Equatable {
  /// A file of the family.
  struct File: Sendable, Equatable {
    /// Its path in the archive.
    var path: String
    /// The folder that differs from file to file; nil where none does.
    var folder: String?
    /// Its name without folders.
    var name: String
    /// As the archive states them.
    var bytes: Int64
  }

  /// The archive's name.
  var archive: String
  /// The folders from the archive's root; nil for one whose name differs from file to file.
  var folders: [String?]
  /// The ending of the names, in lower case without the dot.
  var ending: String
  /// The files in the order of their paths.
  var files: [File]

  /// Whether files lie in a folder of their own.
  var hasOwnFolders: Bool { folders.contains(nil) }

  /// Words of the folders' names.
  var folderWords: Set<String> { Words.of(folders.compactMap { $0 }.joined(separator: "/")) }

  /// Words of the archive's name and the folders' names.
  var words: Set<String> { folderWords.union(Words.of(withoutArchiveEnding(archive) ?? archive)) }

  /// As people read it, as in "train.zip: */masks/*.png".
  var title: String {
    "\(archive): " + (folders.map { $0 ?? "*" } + ["*.\(ending)"]).joined(separator: "/")
  }

  /// The families of an archive, the largest first.
  static func families(of archive: ServedArchive) -> [PictureFamily] {
    let endings = Set(ImageFormat.allCases.flatMap(\.endings))
    let root = FolderNode()
    var pictures: [(components: [String], entry: ArchiveEntry)] = []
    for entry in archive.entries {
      let components = entry.path.pathNames
      guard let name = components.last, endings.contains(Self.ending(of: name)) else { continue }
      pictures.append((components, entry))
      root.add(components[...])
    }
    root.judge()
    var families: [String: PictureFamily] = [:]
    for (components, entry) in pictures {
      let name = components[components.count - 1]
      let folders = root.pattern(components.dropLast()[...])
      let ending = ending(of: name)
      let mark = Words.maskEnding(of: name) ?? ""
      let key = folders.map { $0 ?? "*" }.joined(separator: "/") + "|\(ending)|\(mark)"
      let variable = zip(folders, components).first { $0.0 == nil }?.1
      families[
        key,
        default: PictureFamily(
          archive: archive.name, folders: folders, ending: ending, files: [])
      ].files.append(
        File(path: entry.path, folder: variable, name: name, bytes: entry.statedBytes ?? 0))
    }
    return families.sorted { ($1.value.files.count, $0.key) < ($0.value.files.count, $1.key) }
      .map { _, family in
        var family = family
        family.files.sort { $0.path < $1.path }
        return family
      }
  }

  /// Families of files in folders of their own, as those of `model` are: of a few images it isn't seen that these
  /// folders are each an image's, and not of a kind of files.
  static func joined(_ families: [PictureFamily], like model: PictureFamily) -> [PictureFamily] {
    guard let start = model.folders.firstIndex(of: nil) else { return families }
    let tail = model.folders[start...]
    var joined: [PictureFamily] = []
    for var family in families {
      let place = family.folders.count - tail.count
      guard !family.hasOwnFolders, place >= 0, let own = family.folders[place],
        Words.roles.isDisjoint(with: Words.of(own)), !Words.meanTest(Words.of(own)),
        zip(family.folders[place...], tail).allSatisfy({ $1 == nil || $0 == $1 }),
        family.files.count == 1
      else {
        joined.append(family)
        continue
      }
      family.folders[place] = nil
      family.files[0].folder = own
      let twin = joined.firstIndex {
        $0.archive == family.archive && $0.folders == family.folders && $0.ending == family.ending
      }
      if let twin {
        joined[twin].files = (joined[twin].files + family.files).sorted { $0.path < $1.path }
      } else {
        joined.append(family)
      }
    }
    return joined
  }

  private static func ending(of name: String) -> String {
    name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
  }
}

/// A folder of an archive, while it is found out which folders are an image's own.
private final class FolderNode {
  private var children: [String: FolderNode] = [:]
  private var files = 0
  /// Whether the names of the folders in it mean images, and not kinds of files.
  private var isOfImages = false

  func add(_ components: ArraySlice<String>) {
    guard components.count > 1, let first = components.first else { return files += 1 }
    let child = children[first] ?? FolderNode()
    children[first] = child
    child.add(components.dropFirst())
  }

  func judge() {
    children.values.forEach { $0.judge() }
    let hasRoles = children.keys.contains { !Words.roles.isDisjoint(with: Words.of($0)) }
    let shapes = Set(children.values.map { Set($0.children.keys) })
    isOfImages =
      children.count > 20
      || !hasRoles && (children.count > 12 || children.count > 2 && shapes.count == 1)
  }

  /// The folders of a path, nil in the place of an image's own.
  func pattern(_ components: ArraySlice<String>) -> [String?] {
    guard let first = components.first else { return [] }
    return [isOfImages ? nil : first] + (children[first]?.pattern(components.dropFirst()) ?? [])
  }
}
