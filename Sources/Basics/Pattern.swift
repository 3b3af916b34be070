// File-name patterns as the shell knows them: `*`, `?` and `[…]`.

import Foundation

/// Whether a file's name matches a shell pattern such as "*.csv".
public func matches(_ name: String, pattern: String) -> Bool {
  fnmatch(pattern, name, 0) == 0
}
