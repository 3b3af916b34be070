// What is asked of a stage while it runs, and what it answers.

import Foundation
package import Notebook

extension Stage {
  /// Says that this stage heeds requests: from now on it can be asked to stop or to go on longer.
  package func heedRequests() {
    guard let folder = order.requests else { return }
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
  }

  /// What is asked for now.
  package var requests: Requests { order.requests.map { Requests(in: $0) } ?? Requests() }

  /// Tells the runner that the work went another way than planned. The outputs count as made that way.
  package func tell(_ course: Course) {
    recorder.event(.course(course))
  }
}
