// What is wrong with a picture file, in one sentence.

public import Basics

/// Why a picture file can't be read.
public struct ImageFileError: Failing, Sendable, Equatable {
  /// The file's name as the caller knows it.
  public let file: String
  /// What is wrong with it, and what it is instead.
  public let reason: String

  /// The whole story on one line.
  public var description: String { "\(file): \(reason)" }
  /// Running again won't help.
  public var exit: ExitCode { .badInput }
}

/// Why a scan can't be taken for what it should become.
public struct ScanError: Failing, Sendable, Equatable {
  /// The whole message.
  public let description: String
  /// Running again won't help.
  public var exit: ExitCode { .badInput }

  package init(description: String) { self.description = description }
}
