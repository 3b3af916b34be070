// The languages that scripts are written in, as far as a reader of scripts has to tell them apart.

/// The language of a script's code.
public enum ScriptLanguage: String, Sendable {
  case swift
  /// Python; and for marks and headers any other language whose comments begin with `#`.
  case python

  /// What begins a comment.
  package var comment: String { self == .swift ? "//" : "#" }
  /// How a script's file name ends.
  public var fileExtension: String { self == .swift ? "swift" : "py" }
}
