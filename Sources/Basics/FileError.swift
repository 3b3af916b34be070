// What the file system refused, in words for people.

import Foundation

/// A file or folder with which something can't be done, and the system's reason.
public struct FileError: Failing, Equatable {
  /// The file or folder.
  public let path: String
  /// What can't be done with it, such as "can't be written".
  public let problem: String
  /// The system's reason, such as "No space left on device".
  public let reason: String

  package init(_ path: String, _ problem: String, reason: String) {
    self.path = path
    self.problem = problem
    self.reason = reason
  }

  /// - Parameter code: an error number of the system (`errno`).
  package init(_ path: String, _ problem: String, code: Int32) {
    self.init(path, problem, reason: systemMessage(code))
  }

  /// The whole message.
  public var description: String { "\(path): \(problem) (\(reason))" }
  /// A failure that is no fault of the input.
  public var exit: ExitCode { .failed }
}

/// The system's words for an error number.
package func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }

/// Why a call of Foundation's failed, in the system's words where there are some: its own may be no more than "error 256".
package func systemReason(_ error: any Error) -> String {
  guard let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError,
    cause.domain == NSPOSIXErrorDomain
  else { return error.localizedDescription }
  return systemMessage(Int32(truncatingIfNeeded: cause.code))
}
