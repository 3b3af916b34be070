// A bundle as one zip file, as a dataset at Kaggle begins: it is unpacked there. The same bundle gives the same bytes.

import Archive
import Basics
public import Foundation

/// Packs bundles.
public enum BundleArchive {
  /// Packs all files of a bundle.
  ///
  /// - Parameter progress: is told how many bytes of how many are packed; stops it by throwing.
  /// - Throws: `InputError` where a file can't be read, `ArchiveError` for a full disk.
  public static func write(
    _ bundle: URL, to file: URL, progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws {
    let root = bundle.resolvingSymlinksInPath()
    let paths = try files(in: root)
    let total = paths.reduce(0) { $0 + $1.bytes }
    var done = 0
    let archive = try ArchiveWriter(file)
    for (path, bytes) in paths {
      let data: Data
      do { data = try Data(contentsOf: root.appendingPathComponent(path)) } catch {
        throw InputError("\(root.path)/\(path): can't be read (\(systemReason(error)))")
      }
      try archive.add(path: path, data: data)
      done += bytes
      try progress(done, total)
    }
    try archive.finish()
  }

  private static func files(in root: URL) throws -> [(path: String, bytes: Int)] {
    let paths: [String]
    do { paths = try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted() } catch {
      throw InputError("\(root.path): can't be read (\(systemReason(error)))")
    }
    return paths.compactMap { path in
      var status = stat()
      guard lstat("\(root.path)/\(path)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        return nil
      }
      return (path, Int(status.st_size))
    }
  }
}
