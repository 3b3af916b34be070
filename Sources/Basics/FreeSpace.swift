// How much room the disk has.

public import Foundation

/// Bytes that this user may still write below a folder; nil where that can't be found out.
public func freeBytes(in folder: URL) -> Int64? {
  let facts = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
  return (facts?[.systemFreeSize] as? NSNumber)?.int64Value
}
