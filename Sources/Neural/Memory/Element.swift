// How numbers are held in a plan's memory.

/// How a number is stored.
enum Element: Sendable {
  case float32, bfloat16

  /// Numbers in the place of a float.
  var inWord: Int { self == .float32 ? 1 : 2 }
}
