// Whole writes: what is there afterwards, and what isn't.

import Basics
import Foundation
import TestSupport
import Testing

struct WholeFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []).sorted()
  }

  @Test func aFileIsReplacedWholeAndNothingElseIsLeft() throws {
    let file = folder.url.appendingPathComponent("new/lock.yaml")
    try WholeFile.write("first", to: file)
    try WholeFile.write("second", to: file)
    #expect(try String(contentsOf: file, encoding: .utf8) == "second")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: file.deletingLastPathComponent().path)
        == ["lock.yaml"])
  }

  @Test func withoutCommitTheOldFileStays() throws {
    let file = folder.url.appendingPathComponent("a")
    try WholeFile.write("old", to: file)
    do {
      let whole = try WholeFile(file)
      try Array("new".utf8).withUnsafeBytes { try whole.write($0) }
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == "old")
    #expect(names == ["a"])
  }

  @Test func twoWritersOfOneFileDoNotMeet() throws {
    let file = folder.url.appendingPathComponent("a")
    let (one, other) = (try WholeFile(file), try WholeFile(file))
    try Array("one".utf8).withUnsafeBytes { try one.write($0) }
    try Array("other".utf8).withUnsafeBytes { try other.write($0) }
    try one.commit()
    #expect(try String(contentsOf: file, encoding: .utf8) == "one")
    try other.commit()
    #expect(try String(contentsOf: file, encoding: .utf8) == "other")
  }

  @Test func theErrorNamesTheFileAndTheReason() throws {
    let file = folder.url.appendingPathComponent("a")
    try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
    try Data().write(to: file.appendingPathComponent("inside"))
    let error = #expect(throws: FileError.self) { try WholeFile.write("x", to: file) }
    #expect(error?.description == "\(file.path): can't be written (Is a directory)")
    #expect(error?.exit == .failed)
    #expect(names == ["a"])
  }

  @Test func theFirstWriteSweepsWhatDeadProcessesLeftAndNothingElse() throws {
    // No process has the largest number there can be.
    let kept = [
      "2024-11-28.new", "a.4194304-1.new", "b.4194304.work-new", "c.\(getppid())-1.work-new",
      "d.work-new", "mine.4194304-1.work-new.txt", "notes.2024999.new",
    ]
    for name in kept + ["a.csv.4194304-1.work-new"] {
      try Data().write(to: folder.url.appendingPathComponent(name))
    }
    try WholeFile.write("x", to: folder.url.appendingPathComponent("x"))
    #expect(names == kept + ["x"])
  }

  /// As by a process of another machine, or of a container, whose number says nothing here.
  @Test func whatIsBeingWrittenElsewhereIsNotSwept() throws {
    let name = "a.csv.4194304-1.work-new"
    let lock = try FileLock(folder.url.appendingPathComponent(name))
    WholeFile.sweep(folder.url)
    #expect(names == [name])
    withExtendedLifetime(lock) {}
  }

  @Test func whatCannotBeLookedForIsNotMissing() throws {
    #expect(try WholeFile.contents(of: folder.url.appendingPathComponent("a")) == nil)
    try WholeFile.write("x", to: folder.url.appendingPathComponent("a"))
    #expect(
      try WholeFile.contents(of: folder.url.appendingPathComponent("a")) == Data("x".utf8))
    #expect(try WholeFile.contents(of: folder.url.appendingPathComponent("a/b")) == nil)
    let circle = folder.url.appendingPathComponent("circle")
    try FileManager.default.createSymbolicLink(
      atPath: circle.path, withDestinationPath: circle.path)
    #expect(throws: FileError.self) {
      try WholeFile.contents(of: circle.appendingPathComponent("ledger.json"))
    }
  }

  @Test func whatThisProcessBeganIsSweptOnlyWhereThatIsAskedFor() throws {
    let own = "a.\(getpid())-7.work-new"
    try Data().write(to: folder.url.appendingPathComponent(own))
    WholeFile.sweep(folder.url)
    #expect(names == [own])
    WholeFile.sweep(folder.url, prefix: "b", own: true)
    #expect(names == [own])
    WholeFile.sweep(folder.url, own: true)
    #expect(names == [])
  }

  @Test func aCrashBeforeTheRenameLeavesTheOldFileAndATemporaryOne() throws {
    struct Crash: Error {}
    let file = folder.url.appendingPathComponent("a")
    try WholeFile.write("old", to: file)
    FileStep.$watcher.withValue(FileStep { if $0.hasPrefix("rename") { throw Crash() } }) {
      #expect(throws: Crash.self) { try WholeFile.write("new", to: file) }
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == "old")
    #expect(names.count == 2 && names[1].hasSuffix(".work-new"))
  }
}
