// The shared libraries that a program loads, the system's own loader and C library among them, so that it runs where
// those are older, newer or missing.

import Basics
public import Foundation

/// A program's libraries, as the loader of this machine finds them.
public struct LibraryClosure: Sendable, Equatable {
  /// A library by the name under which it is looked for.
  public struct Library: Sendable, Equatable {
    /// Such as `libpng16.so.16`.
    public var name: String
    /// The file, with links resolved.
    public var file: URL
  }

  /// In the order of their names; the loader isn't among them.
  public var libraries: [Library]
  /// The loader.
  public var loader: Library

  /// Where Linux on x86-64 has its loader.
  public static let loaderPath = "/lib64/ld-linux-x86-64.so.2"

  /// Asks the loader what a program would load. Libraries built for newer processors are left aside.
  ///
  /// - Throws: `InputError` where a library is missing.
  public init(of program: URL) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.loaderPath)
    process.arguments = ["--glibc-hwcaps-mask", "none", "--list", program.path]
    // No LD_PRELOAD and no LD_LIBRARY_PATH: what the user's shell has set is nothing of the program's.
    process.environment = [:]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch {
      throw InputError("\(Self.loaderPath): can't be started (\(systemReason(error)))")
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw InputError(
        "\(program.path): its libraries can't be listed: "
          + said.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    try self.init(listing: text, program: program.path)
  }

  /// Reads the loader's list.
  ///
  /// - Throws: `InputError` where a library is missing.
  package init(listing text: String, program: String) throws {
    libraries = []
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      if line.contains("not found") {
        throw InputError(
          "\(program): needs \(words.first ?? "a library"), which isn't there; `make` installs what is missing"
        )
      }
      // `libm.so.6 => /lib/…/libm.so.6 (0x…)`; the kernel's own and the loader have no arrow.
      guard words.count >= 3, words[1] == "=>", words[2].hasPrefix("/") else { continue }
      guard !words[0].hasPrefix("/"), !words[0].contains("ld-linux") else { continue }
      libraries.append(
        Library(name: words[0], file: URL(fileURLWithPath: words[2]).resolvingSymlinksInPath()))
    }
    libraries.sort { $0.name < $1.name }
    loader = Library(
      name: Self.loaderPath.lastPathName,
      file: URL(fileURLWithPath: Self.loaderPath).resolvingSymlinksInPath())
  }
}
