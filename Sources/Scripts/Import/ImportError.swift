// Why a notebook can't be imported.

/// What is wrong with a notebook, and where.
public struct ImportError: Error, Sendable, CustomStringConvertible {
  /// The file and what is wrong.
  public var message: String
  /// The message.
  public var description: String { message }
}
