// A value that must not be seen in a log, an error or a debugger's summary.

/// Text that prints as dots. Only `revealed` gives it out.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text itself, for the wire.
  public let revealed: String

  /// Wraps a text.
  public init(_ text: String) { revealed = text }

  /// Always the same dots.
  public var description: String { "•••" }
  /// Always the same dots.
  public var debugDescription: String { description }
  /// Nothing inside.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
