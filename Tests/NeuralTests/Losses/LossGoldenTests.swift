// Losses against PyTorch's automatic differentiation: see Golden/make_losses.py, which made the numbers.

import Neural
import TestSupport
import Testing

@Suite struct LossGoldenTests {
  private static let (count, pixels, classes) = (2, 24 * 17, 4)

  /// Names of the file, and what they are here.
  static let losses: [(String, Loss)] = [
    ("bce", .bce()), ("bce weighted", .bce(positiveWeight: 3)), ("dice", .dice()),
    ("lovasz", .lovaszHinge()), ("lovasz symmetric", .lovaszHinge(symmetric: true)),
    ("lovasz elu", .lovaszHinge(errors: .elu)),
    ("lovasz elu symmetric", .lovaszHinge(errors: .elu, symmetric: true)),
    ("focal", .focal()), ("focal weighted", .focal(gamma: 1.5, alpha: 0.3)),
    (
      "sum", .sum([.init(0.5, .bce()), .init(2, .dice()), .init(0.25, .lovaszHinge(errors: .elu))])
    ),
    ("cross entropy", .crossEntropy), ("cross entropy weighted", .crossEntropy),
  ]

  @Test(arguments: losses) func asPyTorch(name: String, loss: Loss) throws {
    let golden = try golden("losses")
    var data = GoldenGenerator(state: 3)
    let each = Self.count * Self.pixels
    var z = data.values(each, scale: 4)
    var t: [Float] = data.values(each).enumerated().map {
      $0.offset < Self.pixels && $0.element > 0.25 ? 1 : 0
    }
    let weights = data.values(each).map { $0 + 1.5 }
    if loss == .crossEntropy {
      z = data.values(each * Self.classes, scale: 4)
      t = data.values(each).map { (($0 + 1) * 2).rounded(.down) }
    }
    let result = loss.valueAndGradient(
      logits: z, targets: t,
      pixelWeights: name == "bce weighted" || name == "cross entropy weighted" ? weights : [],
      count: Self.count)
    let value = Double(try #require(golden["\(name)/value"]).values[0])
    #expect(abs(result.value - value) < 2e-6 * value)
    #expect(relativeError(result.gradient, try #require(golden["\(name)/gradient"]).values) < 1e-5)
  }
}
