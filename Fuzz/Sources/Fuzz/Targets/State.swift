// Files below .work and of a person's: entries of the cache, the table of hashes, listings, ledgers, maps, images, keys.

import Foundation

@testable import Datasets
@testable import Hashing
@testable import Kaggle
@testable import Pipeline
@testable import Storage

let stateTargets: [Target] = [
  Target(name: "cache-entry") {
    [
      """
      {"version":\(CacheEntry.currentVersion),"fingerprint":"\(fingerprint)","run":"20250102T030405Z-1",
       "metrics":{"iou":0.5},"seconds":1.5,"record":{"hash":"\(fingerprint)","size":10},
       "outputs":{"data/x":{"hash":"\(fingerprint)","size":1125899906842624,"isFolder":true}}}
      """
    ].map { Data($0.utf8) }
  } body: { data in
    let file = try Scratch.write(data, as: "entry.json")
    guard let entry = CacheEntry.read(file, fingerprint: fingerprint) else { return }
    _ = (entry.size, entry.contents)
  },
  Target(name: "hash-table") {
    var empty = Data("WORKHSH2".utf8)
    empty.append(number(UInt64(0)))
    var two = Data("WORKHSH2".utf8)
    two.append(number(UInt64(2)))
    for path in ["data/a", "data/a/b"] {
      two.append(number(UInt32(path.utf8.count)))
      for _ in 0..<4 { two.append(number(Int64(7))) }
      two.append(Data(0..<32))
      two.append(Data(path.utf8))
    }
    return [empty, two]
  } body: { data in
    // With the digest at its end, without which nothing of it is looked at.
    let digest = Digest()
    data.withUnsafeBytes { digest.update($0) }
    var table = HashFile(file: try Scratch.write(data + digest.bytes(), as: "hashes"))
    let stamp = FileStamp(size: 7, modified: 7, changed: 7, inode: 7)
    for path in ["data/a", "data/a/b", "", "zz"] {
      Array(path.utf8).withUnsafeBufferPointer { _ = table.hash($0, stamp) }
    }
    table.beginFolder("data")
    table.move(from: "data/a", to: "data/c")
    try table.save()
  },
  Target(name: "listing") {
    ["aa 1 data/a\nbb 2 data/b\\\\n\ncc 3 ü\n"].map { Data($0.utf8) }
  } body: { data in
    guard let listing = TreeListing(text: String(decoding: data, as: UTF8.self)) else { return }
    let again = TreeListing(text: listing.text)
    promise(again == listing, "a listing that is written is read")
    _ = listing.changesBesideMoves(since: TreeListing([]))
  },
  Target(name: "state") {
    [
      #"{"version":1,"submissions":[{"number":1,"sha256":"ab","recorded":"2025-01-02T03:04:05Z","run":"r","rows":9223372036854775807,"estimate":{"mean":0.5,"folds":[1e308,-1e308],"instance":"e","run":"r"}}]}"#,
      #"{"train@0":{"seconds":1e308,"bytes":9223372036854775807},"train@1":{"seconds":2}}"#,
      #"{"tags":["a"],"note":"b"}"#, #"{"train":"20250102T030405Z-1"}"#,
    ].map { Data($0.utf8) }
  } body: { data in
    let workspace = Workspace(codeRoot: Scratch.folder, root: Scratch.folder)
    for url in [SubmissionLedger.file(workspace), workspace.costs] {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: url)
    }
    let costs = Costs(workspace)
    _ = costs.expected("train@9", stage: "train")
    _ = RunLabel.read(
      RunFolder(url: try Scratch.write(data, as: "label.json").deletingLastPathComponent()))
    _ = LatestRuns(Scratch.folder.appendingPathComponent("label.json"))
    let ledger = try SubmissionLedger(workspace)
    for entry in ledger.entries {
      _ = (entry.estimate?.deviation, ledger.best(before: entry), ledger.file(of: entry))
    }
  },
  Target(name: "maps") {
    let file = Scratch.folder.appendingPathComponent("maps.safetensors")
    let sizes = [ImageSize(width: 3, height: 2), ImageSize(width: 1, height: 2)]
    try ProbabilityMaps(ids: ["a"], sizes: [sizes[0]], channels: 1, values: Array(0..<6)).write(
      to: file)
    let one = try Data(contentsOf: file)
    try ProbabilityMaps(ids: ["a", "b"], sizes: sizes, channels: 2, values: Array(0..<16)).write(
      to: file)
    return try [one, Data(contentsOf: file)]
  } body: { data in
    let maps = try ProbabilityMaps(contentsOf: Scratch.write(data, as: "maps.safetensors"))
    for index in 0..<min(maps.count, 20) { _ = (maps.map(index), maps.bytes(index)) }
  },
  Target(name: "credentials") {
    [
      #"{"username":"u","key":"k","proxy":"http://p:1","ssl_ca_cert":"/x"}"#,
      "[default]\naws_access_key_id = A\naws_secret_access_key=b # c\n[profile x]\nregion = r\n",
      "KGAT_0123\n",
    ].map { Data($0.utf8) }
  } body: { data in
    for name in [".kaggle/kaggle.json", ".kaggle/access_token", ".aws/credentials", ".aws/config"] {
      let url = Scratch.folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: url)
      chmod(url.path, 0o600)
      let home = ["HOME": Scratch.folder.path]
      if name.hasPrefix(".aws") {
        _ = try? AWSSettings(environment: home)
      } else {
        _ = try? KaggleSettings.find(environment: home)
      }
      unlink(url.path)
    }
  },
]

private func number(_ value: some FixedWidthInteger) -> Data {
  withUnsafeBytes(of: value.littleEndian) { Data($0) }
}

private let fingerprint = String(repeating: "0a", count: 32)
