// What source files contribute to code identity, remembered by their stamps: cutting the sources of all
// modules into tokens takes longer than everything else that `work status` does.

import Basics
import Foundation

/// Digests and imports of source files, asked of the file system first. Not for use from two threads at
/// once. A memory aid; lost or damaged, it costs time and nothing else.
final class SourceTable {
  private struct Row: Equatable {
    var stamp: FileStamp
    var text: SourceText
  }

  private let file: URL
  private var rows: [String: Row] = [:]
  private var asked: Set<String> = []
  private var isChanged = false

  /// - Parameter file: need not exist.
  init(file: URL) {
    self.file = file
    guard let data = try? Data(contentsOf: file) else { return }
    var lines = String(decoding: data, as: UTF8.self).split(separator: "\n")[...]
    guard lines.popFirst() == Self.head[...] else { return }
    for line in lines {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard parts.count == 7, let size = Int64(parts[0]), let modified = Int64(parts[1]),
        let changed = Int64(parts[2]), let inode = UInt64(parts[3])
      else { return }
      rows[String(parts[6])] = Row(
        stamp: FileStamp(size: size, modified: modified, changed: changed, inode: inode),
        text: SourceText(
          digest: String(parts[4]), imports: Set(parts[5].split(separator: ",").map(String.init))))
    }
  }

  /// Another `work` may read sources differently, so rows are its own.
  private static let head: String = {
    guard case .file(let stamp)? = try? FolderWalk.entry(at: "/proc/self/exe") else {
      return "work sources \(UUID())"
    }
    return "work sources 1 \(stamp.size) \(stamp.modified) \(stamp.inode)"
  }()

  /// What a file contributes.
  ///
  /// - Parameter read: makes it out of the file's bytes.
  /// - Throws: `PipelineError` where the file can't be read.
  func text(of path: String, read: ([UInt8]) -> SourceText) throws -> SourceText {
    guard case .file(let stamp)? = try FolderWalk.entry(at: path) else {
      throw PipelineError.system("can't be read", path, code: ENOENT)
    }
    asked.insert(path)
    if let row = rows[path], row.stamp == stamp { return row.text }
    let began = FileStamp.now()
    let text = read(try CodeReader.read(URL(fileURLWithPath: path)))
    isChanged = true
    let isPlain = !path.utf8.contains { [0x09, 0x0A, 0x0D].contains($0) }
    rows[path] =
      isPlain && stamp.isOld(before: began) ? Row(stamp: stamp, text: text) : nil
    return text
  }

  /// Writes the table where it changed; where that fails, files are read again next time.
  func save() {
    guard isChanged else { return }
    var text = Self.head + "\n"
    for (path, row) in rows.sorted(by: { $0.key < $1.key }) where asked.contains(path) {
      let stamp = row.stamp
      let imports = row.text.imports.sorted().joined(separator: ",")
      text += "\(stamp.size)\t\(stamp.modified)\t\(stamp.changed)\t\(stamp.inode)\t"
      text += "\(row.text.digest)\t\(imports)\t\(path)\n"
    }
    try? WholeFile.write(text.utf8, to: file, flushed: false)
    isChanged = false
  }
}
