// The words of the system for an error number.

import Foundation

func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
