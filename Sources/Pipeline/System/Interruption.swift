// Ctrl-C and a polite kill: counted by a signal handler, read by whoever waits for a child.

import Foundation
import Synchronization

/// A request to stop. The first asks; a second insists.
public final class Interruption: Sendable {
  private let requests = Atomic<Int>(0)
  private let listensToSignals: Bool

  /// A request that only the program itself makes.
  public init() { listensToSignals = false }

  private init(listening: Bool) { listensToSignals = listening }

  /// How often stopping was asked for.
  public var count: Int {
    requests.load(ordering: .relaxed)
      + (listensToSignals ? signalCount.load(ordering: .relaxed) : 0)
  }

  /// Asks to stop.
  public func request() { requests.add(1, ordering: .relaxed) }

  /// Catches SIGINT, SIGTERM and SIGHUP from here on, for the rest of the process; not SIGHUP where it is
  /// ignored, as `nohup` has it.
  public static func catchingSignals() -> Interruption {
    let interruption = Interruption(listening: true)
    _ = signalCount.load(ordering: .relaxed)  // made before a handler can need it
    for signal in [SIGINT, SIGTERM, SIGHUP] where signal != SIGHUP || !isIgnored(signal) {
      Foundation.signal(signal) { _ in signalCount.add(1, ordering: .relaxed) }
    }
    return interruption
  }
}

private func isIgnored(_ signal: Int32) -> Bool {
  var action = sigaction()
  return sigaction(signal, nil, &action) == 0
    && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
}

private let signalCount = Atomic<Int>(0)
