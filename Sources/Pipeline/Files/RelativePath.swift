// Paths as headers declare them: relative to the workspace, below it, written one way only.

import Basics

enum RelativePath {
  /// The path without `.` components, doubled and trailing slashes; nil where it leaves the workspace,
  /// is absolute, or is the workspace itself.
  static func normalized(_ path: String) -> String? {
    guard !path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
    var components: [String] = []
    for component in path.pathNames where component != "." {
      if component == ".." {
        guard components.popLast() != nil else { return nil }
      } else {
        components.append(component)
      }
    }
    return components.isEmpty ? nil : components.joined(separator: "/")
  }

  /// Why an output may not lie there, or nil where it may.
  static func refusal(ofOutput path: String) -> String? {
    let first = path.prefix { $0 != "/" }
    if first == ".work" || first == ".git" || first == "stages" || first == "Sources" {
      return "\(first) is no place for outputs"
    }
    if path == "params.yaml" || path == "work.lock" || path == "Package.swift" {
      return "a stage may not write \(path)"
    }
    return nil
  }
}
