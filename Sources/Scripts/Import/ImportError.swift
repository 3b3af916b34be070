// Why a notebook can't be imported.

public import Basics

/// What is wrong with a notebook, and where.
public struct ImportError: Failing, Sendable {
  /// The file and what is wrong.
  public var message: String
  /// The message.
  public var description: String { message }
  /// The notebook is what is wrong.
  public var exit: ExitCode { .badInput }
}
