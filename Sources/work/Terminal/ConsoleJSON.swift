// The JSON that commands print with `--json`.

import Basics

extension Console {
  /// Prints a value as JSON on standard output.
  static func json(_ value: some Encodable) throws {
    print(String(decoding: try JSON.pretty(value), as: UTF8.self))
  }
}
