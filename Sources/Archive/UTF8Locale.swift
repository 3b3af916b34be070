// libarchive converts names by way of the thread's locale, and a program that never calls
// setlocale is in "C", where a name such as "sälz" doesn't exist. The process's locale isn't ours
// to change, so that of the thread is, for the length of one call.

import Foundation

/// Part of the C library itself on Linux; never freed.
private nonisolated(unsafe) let utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)

/// Runs a call with UTF-8 as the thread's character set.
func withUTF8Locale<Result>(_ body: () throws -> Result) rethrows -> Result {
  guard let utf8 else { return try body() }
  let before = uselocale(utf8)
  defer { uselocale(before) }
  return try body()
}
