// Submitting while everything goes wrong at random: a file arrives right and counts once, or an error is clear and says
// whether it counts. WORK_SOAK=1000 does it for longer.

import Demo
import Foundation
import Kaggle
import Submitting
import TestSupport
import Testing

@Suite struct SubmitSoakTests {
  private let data = noise(20_000)

  private func fault(_ generator: inout SeededNoise) -> KaggleServerFault? {
    let count = generator.next(6) + 1
    return switch generator.next(11) {
    case 0: .brokenConnection(count: count)
    case 1: .storageStatus(count: count, status: [403, 404, 410, 429, 500, 503][count - 1])
    case 2: .lostAnswer(count: count)
    case 3: .lostOrder(count: count)
    case 4: .tooManyRequests(count: count, retryAfter: 1)
    case 5: .unavailable(count: count)
    case 6: .unavailable(count: 99)
    case 7: .webPage
    case 8: .brokenJSON
    case 9: .elsewhere(count: count)
    default: nil
    }
  }

  /// All that `work submit` does, with a fault that begins at one of its steps.
  private func submit(
    _ file: URL, _ fixture: ServerFixture, _ message: String, _ fault: KaggleServerFault?,
    at step: Int
  ) async throws -> Int? {
    let submitter = try fixture.submitter()
    if step == 0 { await fixture.server.simulate(fault) }
    _ = try await submitter.check()
    let mark = try await submitter.mark(name: "submission.csv", message: message)
    if step == 1 { await fixture.server.simulate(fault) }
    let token = try await submitter.upload(file, name: "submission.csv")
    if step == 2 { await fixture.server.simulate(fault) }
    return try await submitter.create(token, mark)
  }

  @Test func nothingCountsTwiceWhateverGoesWrong() async throws {
    var generator = SeededNoise(state: 2019)
    var (made, told, uncertain) = (0, 0, 0)
    for styles in [[.rpc], [.rest]] as [Set<KaggleServerStyle>] {
      try await withServer([:], styles: styles) { fixture in
        let file = try fixture.target.write(data, to: "submission.csv")
        await fixture.server.takeSubmissions(daily: .max)
        for round in 0..<(soakRounds / 2) {
          let before = await fixture.server.submitted.count
          let (fault, step) = (fault(&generator), generator.next(3))
          let message = "round \(round)"
          do {
            let ref = try await submit(file, fixture, message, fault, at: step)
            let submitted = await fixture.server.submitted
            #expect(submitted.count == before + 1 && submitted.last == data)
            #expect(ref == 1001 + before, "\(fault as Any) at \(step)")
            made += 1
          } catch let error as KaggleError {
            let count = await fixture.server.submitted.count - before
            #expect(error.description.count > 40 && !error.description.contains("upload_id"))
            if error.kind == .uncertain {
              #expect(count <= 1)
              uncertain += 1
              // What the next command does: it looks.
              await fixture.server.simulate(nil)
              let mark = Submitter.Mark(name: "submission.csv", message: message, before: [])
              let found = try await fixture.submitter().find(mark)
              #expect((found != nil) == (count == 1))
            } else {
              #expect(count == 0, "\(fault as Any) at \(step): \(error)")
              told += 1
            }
          }
          await fixture.server.simulate(nil)
        }
      }
    }
    print("soak: \(made) submissions made once, \(told) errors told, \(uncertain) uncertain")
    #expect(made + told + uncertain == soakRounds / 2 * 2 && made > told / 4)
  }
}
