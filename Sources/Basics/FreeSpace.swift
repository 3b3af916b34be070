// How much room the disk has, and sizes for people.

public import Foundation

/// Bytes that this user may still write below a folder; nil where that can't be found out.
public func freeBytes(in folder: URL) -> Int64? {
  let facts = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
  return (facts?[.systemFreeSize] as? NSNumber)?.int64Value
}

/// A number of bytes for people, such as "1.2 GB".
package func sizeText(_ bytes: Int64) -> String { bytes.formatted(.byteCount(style: .decimal)) }
