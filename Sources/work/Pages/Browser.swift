// Opens a page for the person at the terminal.

import Foundation

enum Browser {
  /// Opens a page in the browser where standard output is a terminal; where there is no browser, nothing happens.
  static func open(_ page: URL) { open(page.path) }

  /// Opens an address, likewise.
  static func open(_ address: String) {
    guard isatty(STDOUT_FILENO) == 1 else { return }
    let opener = Process()
    opener.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    opener.arguments = ["xdg-open", address]
    opener.standardError = FileHandle.nullDevice
    try? opener.run()
  }
}
