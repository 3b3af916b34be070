// Files from a folder into a stage's outputs. (From Kaggle: the end-to-end tests.)

import Basics
import Downloading
import Foundation
import StageSupport
import TestSupport
import Testing
import Workbench

struct StageDownloadTests {
  let folder: TemporaryFolder
  let stage: Stage

  init() throws {
    folder = try TemporaryFolder()
    stage = try StageFixture(folder, outputs: ["data/raw"]).stage()
    for name in ["train.zip", "depths.csv.zip", ".hidden", "notes.txt"] {
      try folder.write("content of " + name, to: "files/" + name)
    }
  }

  var source: String { folder.url.appendingPathComponent("files").path }

  @Test func whatIsWantedIsCopiedAndMovedToItsPlace() throws {
    let files = try stage.copyFiles(.init(files: ["train.zip", "depths.csv"]), from: source)
    #expect(files.map(\.lastPathComponent) == ["depths.csv.zip", "train.zip"])
    let came = try stage.move(files, into: "data/raw")
    #expect(came.map(\.name) == ["depths.csv.zip", "train.zip"])
    #expect(came.map(\.bytes) == [25, 20])
    let raw = try stage.output("data/raw")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: raw.path).sorted()
        == ["depths.csv.zip", "train.zip"])
  }

  @Test func everythingLeavesHiddenFilesAlone() throws {
    let files = try stage.copyFiles(.init(files: ["*"]), from: source)
    #expect(files.map(\.lastPathComponent) == ["depths.csv.zip", "notes.txt", "train.zip"])
  }

  /// Reading it would wait for somebody who writes.
  @Test func aPipeIsRefused() throws {
    #expect(mkfifo(source + "/pipe.csv", 0o600) == 0)
    let error = #expect(throws: InputError.self) {
      try stage.copyFiles(.init(files: ["*"]), from: source)
    }
    #expect(error?.description.contains("pipe.csv: neither a file nor a folder") == true)
  }

  @Test func aPatternThatSelectsNothingIsRefused() {
    let error = #expect(throws: InputError.self) {
      try stage.copyFiles(.init(files: ["train.zip", "test*.zip"]), from: source)
    }
    #expect(
      error?.description == "\(source) has no file “test*.zip” (download.files in params.yaml)")
  }

  @Test func ofALinkItsTargetIsCopied() throws {
    let link = folder.url.appendingPathComponent("files/linked.zip")
    try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "train.zip")
    let copy = try stage.copyFiles(.init(files: ["linked.zip"]), from: source)[0]
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("files"))
    #expect(try String(contentsOf: copy, encoding: .utf8) == "content of train.zip")
  }
}
