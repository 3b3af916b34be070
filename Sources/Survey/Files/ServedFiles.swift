// The folder of a competition as Kaggle serves it: archives, whose content is listed and not unpacked,
// and tables beside them.

public import Archive
import Basics
public import Foundation

/// An archive and the files in it.
public struct ServedArchive: Sendable {
  /// The archive's own name, such as "train.zip".
  public let name: String
  /// Its files, but for hidden ones. Those of an archive inside it
  /// lie below its name.
  public let entries: [ArchiveEntry]
  private let view: ArchiveView

  /// - Throws: `ArchiveError` for an archive that isn't whole.
  init(_ url: URL) throws {
    name = url.lastPathComponent
    view = try ArchiveView(url)
    entries = view.entries.filter { entry in
      !entry.path.pathNames.contains { $0.hasPrefix(".") }
    }
  }

  /// Hands over the content of some files, one after the other.
  ///
  /// - Throws: `ArchiveError`, and what `body` throws.
  func read(_ paths: Set<String>, limit: Int, _ body: (String, Data) throws -> Void) throws {
    try view.read(paths, limit: limit, body)
  }
}

/// What lies in a competition's folder.
public struct ServedFiles: Sendable {
  /// The folder.
  public let folder: URL
  /// The archives, by name.
  public let archives: [ServedArchive]
  /// Names of tables that lie in the folder itself.
  public let tables: [String]
  /// Names of JSON files, which may hold annotations, in the folder itself.
  public let annotations: [String]
  /// Names of files that are none of these.
  public let others: [String]
  /// Names of folders, which aren't looked into.
  public let folders: [String]

  /// Lists a folder and the archives in it.
  ///
  /// - Throws: `InputError` where there is no such folder or nothing in it; `ArchiveError` for an archive that
  ///   isn't whole.
  public init(of folder: URL) throws {
    self.folder = folder
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() } catch {
      throw InputError(
        "\(folder.path): can't be looked at (\(systemReason(error))). `--data DIR` names the folder with "
          + "the competition's files; `work run download` fetches them into data/raw")
    }
    var archives: [ServedArchive] = []
    var tables: [String] = []
    var annotations: [String] = []
    var others: [String] = []
    var folders: [String] = []
    for name in names where !name.hasPrefix(".") {
      let url = folder.appendingPathComponent(name)
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      if isFolder.boolValue {
        folders.append(name)
      } else if withoutArchiveEnding(name) != nil {
        archives.append(try ServedArchive(url))
      } else if name.lowercased().hasSuffix(".csv") {
        tables.append(name)
      } else if name.lowercased().hasSuffix(".json") {
        annotations.append(name)
      } else {
        others.append(name)
      }
    }
    guard !archives.isEmpty else {
      let found =
        names.isEmpty
        ? "it is empty"
        : "it holds " + names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
      throw InputError(
        "\(folder.path): holds no zip archive (\(found)). It should be the folder as Kaggle serves it: archives of "
          + "images, and tables (.csv) beside them")
    }
    (self.archives, self.tables, self.annotations) = (archives, tables, annotations)
    (self.others, self.folders) = (others, folders)
  }

  /// The archive of this name.
  func archive(_ name: String) -> ServedArchive? { archives.first { $0.name == name } }

  /// Bytes of all archives' content, as they state it.
  var statedBytes: Int64 {
    archives.reduce(0) { sum, archive in
      archive.entries.reduce(sum) {
        $0.addingReportingOverflow(max(0, $1.statedBytes ?? 0)).partialValue
      }
    }
  }
}
