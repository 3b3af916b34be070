// What is wrong with a file's bytes, in one sentence.

/// What a reader finds wrong; whoever knows the file's name makes an error of it.
package struct ReadingProblem: Error, Equatable {
  package var reason: String
  /// Whether the reason says as what the file is read.
  package var namesFormat = false

  package init(_ reason: String, namesFormat: Bool = false) {
    self.reason = reason
    self.namesFormat = namesFormat
  }
}
