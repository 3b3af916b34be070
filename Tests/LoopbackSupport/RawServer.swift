// A server that says just the bytes that a test wants, be they HTTP or not. It has a thread of its own, so that it is in time
// however many tests run.

import Foundation
import Synchronization

/// Listens on a port of this machine; each connection gets the next bytes once it has said something, and is closed.
package final class RawServer: Sendable {
  /// Its port.
  package let port: UInt16
  private let socket: Int32
  private let heard = Mutex<[String]>([])

  /// What each connection said first.
  package var requests: [String] { heard.withLock { $0 } }

  /// Begins to listen.
  /// - Parameters:
  ///   - replies: what the connections get, one after the other; further ones get the last.
  ///   - silence: how long a connection but the last is kept open after that, in seconds.
  /// - Throws: where no port is free.
  package init(_ replies: String..., silence: Double = 0) throws {
    socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) == 0 && listen(socket, 16) == 0
          && getsockname(socket, $0, &size) == 0
      }
    }
    guard isListening else { throw CocoaError(.fileReadUnknown) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [weak self] in
      for number in 0... {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else { return }
        let isLast = number >= replies.count - 1
        let reply = replies[min(number, replies.count - 1)]
        Thread.detachNewThread { [weak self] in
          self?.hear(connection)
          _ = reply.withCString { write(connection, $0, strlen($0)) }
          if !isLast { Thread.sleep(forTimeInterval: silence) }
          shutdown(connection, Int32(SHUT_WR))
          close(connection)
        }
      }
    }
  }

  private func hear(_ connection: Int32) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(connection, &buffer, buffer.count)
    heard.withLock { $0.append(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)) }
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }
}
