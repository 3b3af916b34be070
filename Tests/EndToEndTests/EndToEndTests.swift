// The suite around all tests of the command. One at a time, since each starts programs that use every
// core; and with one finished workspace, which tests copy.

import Foundation
import Testing

@Suite(.serialized, FinishedWorkspace())
struct EndToEndTests {
  /// A salt competition after `work run all`.
  @TaskLocal static var finished: WorkspaceFixture?

  /// A copy of the finished workspace.
  static func finishedCopy() throws -> WorkspaceFixture { try #require(finished).copy() }
}

/// Runs everything once, before the first test of the suite.
struct FinishedWorkspace: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await Package.requireStages()
    let fixture = try WorkspaceFixture()
    let run = try await fixture.run("all", "--threads", "2")
    guard run.status == 0 else { throw Failure("the run that other tests rely on: \(run)") }
    try await EndToEndTests.$finished.withValue(fixture) { try await function() }
  }
}
