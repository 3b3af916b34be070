// Builds compiled stages with SwiftPM, one product at a time, so that a broken stage stops only itself;
// and leaves the compiler alone where the same sources were built by the same toolchain.

import Basics
public import Foundation
import Hashing

/// Builds stages as products of the package in the code root.
public struct SwiftPMBuilder: StageBuilder {
  private let root: URL
  private let swift: URL?
  private let environment: [String: String]
  private let system: URL

  /// - Parameters:
  ///   - root: the code root.
  ///   - swift: the `swift` command; by default the first on PATH.
  ///   - environment: what it is given; ONEDNN_ROOT is looked at here, too.
  ///   - system: where the system's `include` is.
  public init(
    root: URL, swift: URL? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    system: URL = URL(fileURLWithPath: "/usr")
  ) {
    self.root = root
    self.swift = swift ?? Self.onPath("swift")
    self.environment = ChildEnvironment.without(environment)
    self.system = system
  }

  private struct Stamp: Codable, Equatable {
    var identity: String
    var toolchain: String
    /// The optional libraries that the build saw; see `digestOfOneDNN` and `digestOfPictures`.
    var oneDNN: String
    var pictures: String
    /// Size, time and inode of the program: one that somebody else built is another.
    var program: String
  }

  /// Asks SwiftPM for the product, unless a stamp says that just this was built; see `StageBuilder`.
  public func build(
    stage: String, identity: String, log: URL, interruption: Interruption,
    tell: (BuildNews) -> Void
  ) throws -> BuildOutcome {
    let program = root.appendingPathComponent(".build/release/\(stage)")
    guard let swift else {
      throw PipelineError(
        "no `swift` on PATH; install Swift (https://www.swift.org/install) or set PATH")
    }
    let toolchain = Self.look(swift)
    let oneDNN = digestOfOneDNN()
    let pictures = digestOfPictures()
    if let stamp = stamps()[stage], stamp.identity == identity, stamp.toolchain == toolchain,
      stamp.oneDNN == oneDNN, stamp.pictures == pictures, let look = Self.look(program),
      stamp.program == look
    {
      return .built(program: program, seconds: nil)
    }
    if let notice = try checkFolder(swift, log: log, interruption) { tell(.notice(notice)) }
    tell(.starts)
    var environment = environment
    environment["WORK_ONEDNN"] = oneDNN
    environment["WORK_PICTURES"] = pictures
    environment["WORK_STAGES"] = try Self.digest(ofStagesIn: root)
    let child = try ChildProcess.run(
      [swift.path, "build", "-c", "release", "--product", stage], folder: root,
      environment: environment, log: log, interruption: interruption)
    guard interruption.count == 0 else {
      throw PipelineError("interrupted while \(stage) was being built", exit: .interrupted)
    }
    guard child.status == 0 else { return .failed(errors: errors(in: log), log: log) }
    guard let look = Self.look(program) else {
      return .failed(
        errors: "swift build --product \(stage) ended well, but \(program.path) isn't there",
        log: log)
    }
    var stamps = stamps()
    stamps[stage] = Stamp(
      identity: identity, toolchain: toolchain ?? "", oneDNN: oneDNN, pictures: pictures,
      program: look)
    try WholeFile.write(json: stamps, to: stampFile)
    return .built(program: program, seconds: child.seconds)
  }

  /// Has the build folder looked at that was made elsewhere or by another Swift, as `make` does.
  ///
  /// - Returns: what was done about it; nil where nothing had to be.
  private func checkFolder(
    _ swift: URL, log: URL, _ interruption: Interruption
  ) throws -> String? {
    let script = root.appendingPathComponent("Scripts/check-build-folder.sh")
    guard WholeFile.exists(script) else { return nil }
    let before = (try? Data(contentsOf: log))?.count ?? 0
    _ = try ChildProcess.run(
      ["/bin/sh", script.path, root.path, swift.path], folder: root, environment: environment,
      log: log, interruption: interruption)
    let said = String(
      decoding: ((try? Data(contentsOf: log)) ?? Data()).dropFirst(before), as: UTF8.self)
    let notice = said.split(separator: "\n").first { $0.hasPrefix("note: ") }
    return notice.map { String($0.dropFirst("note: ".count)) }
  }

  /// The digest of the scripts' import lines, as the Makefile computes it: SwiftPM's manifest cache doesn't
  /// notice a new script or a new import by itself.
  static func digest(ofStagesIn root: URL) throws -> String {
    let folder = root.appendingPathComponent("stages").path
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".swift") && !$0.hasPrefix(".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var text = ""
    for name in names {
      let source = String(
        decoding: (try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))) ?? Data(),
        as: UTF8.self)
      for line in source.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" })
      where line.hasPrefix("import ") {
        text += "stages/\(name):\(line)\n"
      }
    }
    return String(Digest.hex(of: text).prefix(16))
  }

  /// The digest of oneDNN's version header, as the Makefile computes it: SwiftPM's manifest cache doesn't
  /// notice either that the library was installed or removed.
  private func digestOfOneDNN() -> String {
    let root = environment["ONEDNN_ROOT"].flatMap { $0.isEmpty ? nil : $0 } ?? "/usr"
    let header = URL(fileURLWithPath: "\(root)/include/oneapi/dnnl/dnnl_version.h")
    return String(Digest.hex(of: [UInt8]((try? Data(contentsOf: header)) ?? Data())).prefix(16))
  }

  /// The digest of the headers of picture formats' libraries, as the Makefile computes it.
  private func digestOfPictures() -> String {
    var bytes: [UInt8] = []
    for folder in ["include", "include/x86_64-linux-gnu", "include/aarch64-linux-gnu"] {
      for header in ["jpeglib.h", "jconfig.h", "tiffio.h", "tiffvers.h", "gif_lib.h"] {
        let url = system.appendingPathComponent("\(folder)/\(header)")
        bytes += (try? Data(contentsOf: url)) ?? Data()
      }
    }
    return String(Digest.hex(of: bytes).prefix(16))
  }

  private var stampFile: URL { root.appendingPathComponent(".build/work-built.json") }

  private func stamps() -> [String: Stamp] {
    (try? Data(contentsOf: stampFile)).flatMap {
      try? JSONDecoder().decode([String: Stamp].self, from: $0)
    } ?? [:]
  }

  /// Compiler errors with file and line, relative to the code root; the log's end where there are none.
  private func errors(in log: URL) -> String {
    let text = String(decoding: (try? Data(contentsOf: log)) ?? Data(), as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    var seen: Set<String> = []
    let errors = lines.filter { $0.contains("error: ") && !$0.hasPrefix("error: fatalError") }
      .map { $0.replacing(root.path + "/", with: "") }.filter { seen.insert($0).inserted }
    return (errors.isEmpty ? Array(lines.suffix(10)) : Array(errors.prefix(20))).joined(
      separator: "\n")
  }

  private static func look(_ url: URL) -> String? {
    guard case .file(let stamp)? = try? FolderWalk.entry(at: url.path) else { return nil }
    return "\(url.resolvingSymlinksInPath().path) \(stamp.size) \(stamp.modified) \(stamp.inode)"
  }

  private static func onPath(_ name: String) -> URL? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { URL(fileURLWithPath: "\($0)/\(name)") }
      .first { access($0.path, X_OK) == 0 }
  }
}
