// Which parts of a whole changed, and how that is said.

/// Which parts of something changed: files of a folder or module, cells of a script.
public struct PartChanges: Sendable, Equatable, Encodable {
  /// There before and now, with other content.
  public var changed: [String]
  /// There now, but not before.
  public var added: [String]
  /// There before, but not now.
  public var missing: [String]

  /// Whether nothing of it is known to differ.
  package var isEmpty: Bool { changed.isEmpty && added.isEmpty && missing.isEmpty }

  /// In words, naming the first few of each kind: "a.png and 2 more changed; x.png missing".
  func summary(_ name: (String) -> String = { $0 }) -> String {
    [(changed, "changed"), (added, "added"), (missing, "missing")]
      .filter { !$0.0.isEmpty }
      .map { paths, verb in
        let shown = paths.prefix(paths.count > 4 ? 3 : 4).map(name).joined(separator: ", ")
        let rest = paths.count > 4 ? " and \(paths.count - 3) more" : ""
        return "\(shown)\(rest) \(verb)"
      }.joined(separator: "; ")
  }
}
