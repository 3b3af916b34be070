// The generator's sequence is part of every result, so it is pinned to numbers.

import Imaging
import Testing

@Suite struct SeededGeneratorTests {
  // Worked out apart from the Swift code, in Python with whole numbers:
  //   mix(z): z ^= z >> 30; z *= 0xbf58476d1ce4e5b9; z ^= z >> 27; z *= 0x94d049bb133111eb; z ^ z >> 31
  //   state = mix(seed + g); for each key: state = mix((state ^ fnv1a64(key)) + g)
  //   next: state += g; mix(state)          with g = 0x9e3779b97f4a7c15, all modulo 2^64
  @Test func goldenValues() {
    var generator = SeededGenerator(seed: 42, "fold 1", "epoch 3", "0a1b")
    #expect(
      (0..<3).map { _ in generator.next() }
        == [6575006793236402519, 214528661432502039, 12775302314174190911])
    var plain = SeededGenerator(seed: 0)
    #expect((0..<2).map { _ in plain.next() } == [12035550249420947055, 12935080325729570654])
  }

  @Test func seedAndKeysTellStreamsApart() {
    func first(_ seed: UInt64, _ keys: [String]) -> UInt64 {
      var generator = SeededGenerator(seed: seed, keys: keys)
      return generator.next()
    }
    let streams: [(UInt64, [String])] = [
      (1, []), (2, []), (1, [""]), (1, ["a"]), (1, ["ab", "c"]), (1, ["a", "bc"]), (1, ["abc"]),
      (1, ["bc", "a"]), (1, ["a", "a"]), (1, ["a", "a", "a"]),
    ]
    #expect(Set(streams.map { first($0.0, $0.1) }).count == streams.count)
  }

  @Test func distributions() {
    var generator = SeededGenerator(seed: 5, "distributions")
    let n = 20_000
    let uniform = (0..<n).map { _ in generator.uniform() }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(uniform.reduce(0, +) / Double(n) - 0.5) < 0.01)
    let normal = (0..<n).map { _ in generator.normal() }
    #expect(abs(normal.reduce(0, +) / Double(n)) < 0.03)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / Double(n) - 1) < 0.05)
    #expect(abs(Double(normal.count { abs($0) < 1 }) / Double(n) - 0.6827) < 0.02)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<n { counts[generator.int(below: 7)] += 1 }
    #expect(counts.allSatisfy { abs(Double($0) * 7 / Double(n) - 1) < 0.08 })
  }
}
