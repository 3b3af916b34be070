// What Package.swift says of packages from elsewhere: which module comes from which package, at which
// version. Read as text, since asking SwiftPM takes most of a second.

import Foundation

/// The external packages that a manifest names.
struct PackageManifest: Sendable {
  /// Package names by the product (and module) that comes from them.
  private(set) var packages: [String: String] = [:]
  /// A package's `.package(…)` line, without its space.
  private(set) var requirements: [String: String] = [:]

  /// Reads a manifest's text. What doesn't look like a dependency is passed over.
  init(_ text: String) {
    for call in Self.calls(".package(", in: text) {
      let strings = Self.strings(call)
      guard let location = strings.first else { continue }
      var name = location.split(separator: "/").last.map(String.init) ?? location
      if name.hasSuffix(".git") { name.removeLast(4) }
      requirements[name.lowercased()] = call.filter { !$0.isWhitespace }
    }
    for call in Self.calls(".product(", in: text) {
      let strings = Self.strings(call)
      if strings.count >= 2 { packages[strings[0]] = strings[1].lowercased() }
    }
  }

  /// The package and requirement that a module comes from, or nil for the system's modules.
  func requirement(ofModule name: String) -> (package: String, line: String)? {
    guard let package = packages[name], let line = requirements[package] else { return nil }
    return (package, line)
  }

  private static func calls(_ opening: String, in text: String) -> [String] {
    text.components(separatedBy: opening).dropFirst().compactMap { rest in
      rest.firstIndex(of: ")").map { String(rest[..<$0]) }
    }
  }

  private static func strings(_ call: String) -> [String] {
    let parts = call.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
  }
}
