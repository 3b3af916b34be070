// Which libpng this program loads.

import CPNG

extension PNG {
  /// The library's version, as in "1.6.39".
  package static var libraryVersion: String { String(cString: png_get_libpng_ver(nil)) }
}
