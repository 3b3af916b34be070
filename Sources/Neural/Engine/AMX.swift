// Whether the engine's own kernels use AMX, the matrix instructions of Intel's servers.

import CKernels
import Foundation

/// What became of AMX when it was first asked for.
public enum AMX: Sendable, CustomStringConvertible {
  /// Processor or system do not have it.
  case absent
  /// The system does not let this process use it.
  case refused
  /// Its kernels gave other results than those without it on small convolutions, and are not used.
  case wrong
  case ready

  /// On this machine. Asks the system and tries the kernels once a process.
  public static var here: AMX {
    switch ck_amx() {
    case CK_AMX_READY: .ready
    case CK_AMX_WRONG: .wrong
    case CK_AMX_REFUSED: .refused
    default: .absent
    }
  }

  /// For comparisons: `WORK_AMX=off` in the environment has the engine's kernels do without.
  public static var isSwitchedOff: Bool {
    ProcessInfo.processInfo.environment["WORK_AMX"] == "off"
  }

  /// For people.
  public var description: String {
    switch self {
    case .absent: "processor or system do not have AMX for bfloat16"
    case .refused: "the system refuses this process the use of AMX"
    case .wrong:
      "AMX is not used: the engine's kernels for it failed their trial on this processor. Please "
        + "report this with the processor's name"
    case .ready: "AMX passed its trial"
    }
  }
}
