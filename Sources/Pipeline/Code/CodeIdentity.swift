// What code a stage is made of: its script and the modules that it imports, directly or through others.

import Basics
import Foundation
import Hashing
import Scripts

/// Digests of the code of one stage, by name: the script's path, modules, and packages with a version.
struct CodeIdentity: Sendable, Equatable {
  var parts: [String: String]
}

/// Reads sources once and answers for any stage.
final class CodeReader {
  private let root: URL
  private let folders: ModuleFolders
  private let manifest: PackageManifest
  private let table: SourceTable
  private var modules: [String: Module?] = [:]
  private lazy var headerOwners = Self.headerOwners(folders)

  private struct Module {
    var files: TreeListing
    var digest: String
    var imports: Set<String>
  }

  /// - Parameters:
  ///   - root: the code root, with Sources and Package.swift; neither has to exist.
  ///   - table: remembers what files held.
  init(root: URL, table: SourceTable) {
    self.root = root
    folders = ModuleFolders(root: root)
    self.table = table
    let file = root.appendingPathComponent("Package.swift")
    manifest = PackageManifest((try? String(contentsOf: file, encoding: .utf8)) ?? "")
  }

  /// The identity of a script, by its path relative to the code root.
  ///
  /// - Throws: `PipelineError` where a source can't be read.
  func identity(ofScript path: String, language: Declaration.Language) throws -> CodeIdentity {
    // The header's meaning is fingerprinted by itself.
    let script = try table.text(of: root.appendingPathComponent(path).path) { bytes in
      language == .swift
        ? .swift(bytes)
        : SourceText(
          digest: Digest.hex(of: ScriptHeader.removed(from: bytes, .python)), imports: [])
    }
    guard language == .swift else { return CodeIdentity(parts: [path: script.digest]) }
    var parts = try parts(ofImports: script.imports)
    parts[path] = script.digest
    return CodeIdentity(parts: parts)
  }

  /// What a part of an identity is made of: the cells of a script, the files of a module. Nil for
  /// packages, and for a script without cells.
  func listing(of part: String, language: Declaration.Language) throws -> TreeListing? {
    guard part.hasPrefix("stages/") else { return try module(part)?.files }
    let bytes = try Self.read(root.appendingPathComponent(part))
    return language == .swift
      ? ScriptCells.swift(bytes)
      : ScriptCells.percent(ScriptHeader.removed(from: bytes, .python))
  }

  /// A digest of everything that an executable target of ours is built from: its sources, byte by byte,
  /// since it tells of their lines, the modules that it imports, and the package's manifest.
  ///
  /// - Throws: `PipelineError` where a source can't be read.
  func identity(ofProgram name: String) throws -> String {
    let folder = folders.folder(of: name) ?? root.appendingPathComponent("Sources/\(name)")
    let files = try Self.files(below: folder)
    guard !files.isEmpty else {
      throw PipelineError(
        "\(folder.path): there are no sources of \(name); is this workspace older than `work`?")
    }
    let raw = try files.map {
      "\($0) \(Digest.hex(of: try Self.read(folder.appendingPathComponent($0))))"
    }
    let code = try parts(ofImports: [name]).sorted { $0.key < $1.key }.map {
      "\($0.key) \($0.value)"
    }
    let manifest = (try? Self.read(root.appendingPathComponent("Package.swift"))) ?? []
    return Digest.hex(of: (raw + code + [Digest.hex(of: manifest)]).joined(separator: "\n"))
  }

  /// Digests of modules and of what they import, directly or through others.
  private func parts(ofImports imports: Set<String>) throws -> [String: String] {
    var parts: [String: String] = [:]
    var waiting = imports
    var seen: Set<String> = []
    while let name = waiting.popFirst() {
      guard seen.insert(name).inserted else { continue }
      if let module = try module(name) {
        parts[name] = module.digest
        waiting.formUnion(module.imports)
      } else if let (package, line) = manifest.requirement(ofModule: name) {
        parts["package \(package)"] = Digest.hex(of: line)
      }
    }
    return parts
  }

  private func module(_ name: String) throws -> Module? {
    if let known = modules[name] { return known }
    let module = try folders.folder(of: name).map { try read($0, name: name) }
    modules[name] = .some(module)
    return module
  }

  /// Reads a module. Its digest is that of what its files hold, sorted: the folder that a file lies in
  /// doesn't count, so a file that is moved makes nothing stale.
  private func read(_ folder: URL, name: String) throws -> Module {
    var imports: Set<String> = []
    var files = TreeListing([])
    let paths = try Self.files(below: folder).filter { !$0.hasSuffix(".md") }
    let named = Dictionary(grouping: paths, by: Self.lastComponent)
    for path in paths {
      let (kind, text) = try source(at: "\(folder.path)/\(path)")
      var hash = text.digest.replacing(" ", with: "-")
      if kind == .swift {
        imports.formUnion(text.imports)
      } else {
        if !text.imports.isEmpty {
          imports.formUnion(text.imports.compactMap { headerOwners[$0] })
        }
        // Unlike Swift's, these files are found by their names: of two that swap theirs, both changed.
        let name = Self.lastComponent(path)
        hash = Digest.hex(of: "\(named[name]?.count == 1 ? name : path)\0\(hash)")
      }
      files.entries.append(.init(hash: hash, size: 0, path: path))
    }
    imports.remove(name)
    let digest = Digest.hex(of: files.entries.map(\.hash).sorted().joined(separator: "\n"))
    return Module(files: files, digest: digest, imports: imports)
  }

  private enum SourceKind { case swift, c, other }

  /// Reads one file of a module. Of what is neither Swift nor C every byte counts.
  private func source(at place: String) throws -> (SourceKind, SourceText) {
    switch place.split(separator: ".").last {
    case "swift": (.swift, try table.text(of: place, read: SourceText.swift))
    case "c", "h", "inc", "modulemap": (.c, try table.text(of: place, read: SourceText.c))
    default:
      (
        .other,
        try table.text(of: place) { SourceText(digest: Digest.hex(of: $0), imports: []) }
      )
    }
  }

  private static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Which module of ours a header belongs to, for C that includes another module's.
  private static func headerOwners(_ folders: ModuleFolders) -> [String: String] {
    var owners: [String: String] = [:]
    for module in folders.names {
      guard let folder = folders.folder(of: module)?.path else { continue }
      for path in [folder, folder + "/include"] {
        for file in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        where file.hasSuffix(".h") {
          // Several modules have a `shim.h`, which nobody includes from outside.
          owners[file] = owners[file] == nil || owners[file] == module ? module : ""
        }
      }
    }
    return owners.filter { !$0.value.isEmpty }
  }

  /// Paths of the files below a folder, sorted, without hidden ones; none where the folder isn't there.
  private static func files(below folder: URL) throws -> [String] {
    guard WholeFile.exists(folder) else { return [] }
    var found: [String] = []
    try FolderWalk.visit(folder.path, hidden: false) { path, entry in
      if case .file = entry { found.append(path) }
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  static func read(_ file: URL) throws -> [UInt8] {
    do { return [UInt8](try Data(contentsOf: file)) } catch {
      throw PipelineError("\(file.path): can't be read (\(systemReason(error)))")
    }
  }
}
