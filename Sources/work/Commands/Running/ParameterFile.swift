// The workspace's params.yaml as `work init` and `work plan` need it: what it is for, keeping it, and checking what takes its
// place.

import Basics
import Foundation
import Pipeline
import Survey

/// The params.yaml of a workspace.
struct ParameterFile {
  private let url: URL
  private let parameters: Parameters?

  /// Reads the file. One that isn't valid has no values, and `read` says why.
  init(_ url: URL) {
    self.url = url
    parameters = try? Parameters(contentsOf: url)
  }

  /// The competition that it is for.
  var slug: String? { text("competition.slug") }
  /// As in "hflip".
  var testTimeAugmentation: String? { text("inference.tta") }

  private func text(_ key: String) -> String? {
    guard case .string(let text)? = parameters?[key] else { return nil }
    return text
  }

  /// The file's text.
  ///
  /// - Throws: `PipelineError` where it can't be read or isn't valid.
  func read() throws -> String {
    _ = try Parameters(contentsOf: url)
    return try String(contentsOf: url, encoding: .utf8)
  }

  /// A new text, which must be valid and hold in all other sections what the old one does.
  ///
  /// - Parameter sections: those that were written into.
  /// - Throws: `PipelineError` where it doesn't: a layout that isn't understood.
  func checked(_ text: String, writing sections: [String] = Proposal.sections) throws -> String {
    let new = try Parameters(yaml: text, name: "the new params.yaml")
    guard case .object(let before)? = parameters?.root, case .object(let after) = new.root else {
      return text
    }
    let own = Set(sections)
    let kept = before.filter { !own.contains($0.key) }
    guard kept.allSatisfy({ after[$0.key] == $0.value }), new["competition.slug"] != nil else {
      throw PipelineError(
        "\(url.path): its layout isn't understood: sections should begin at the left edge, with a key a line below "
          + "them; nothing is written")
    }
    return text
  }

  /// Keeps the file under the name of its competition; what bears that name already is never replaced.
  ///
  /// - Returns: the copy; nil where the file is for no competition, or the same copy is there.
  func keep() throws -> URL? {
    guard let slug else { return nil }
    let bytes = try Data(contentsOf: url)
    let safe = slug.map {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) ? $0 : "-"
    }
    var number = 1
    while true {
      let name = "params.\(String(safe))\(number == 1 ? "" : ".\(number)").yaml"
      let copy = url.deletingLastPathComponent().appendingPathComponent(name)
      guard WholeFile.exists(copy) else {
        try WholeFile.write(bytes, to: copy)
        return copy
      }
      if (try? Data(contentsOf: copy)) == bytes { return copy }
      number += 1
    }
  }
}
