// Networks as values: shapes, counts, the summary, and errors that name the layer.

import Foundation
import Neural
import Testing

@Suite struct NetworkTests {
  func problem(_ height: Int = 8, _ build: (inout Network, Network.Node) -> Network.Node) -> String
  {
    var network = Network()
    let image = network.image(channels: 1)
    let x = build(&network, image)
    network.output(x)
    do {
      try network.validate(height: height, width: height)
      return "none"
    } catch {
      return "\(error)"
    }
  }

  @Test func errorsNameTheLayer() {
    #expect(problem(101) { n, x in n.maxPool(x) }.contains("pad the image (for example to 102"))
    #expect(
      problem { n, x in
        let y = n.convolution(x, filters: 2, name: "same")
        return n.convolution(y, filters: 2, name: "same")
      }.contains("\"same\": the name is used twice"))
    #expect(problem { n, x in n.add(x, n.maxPool(x)) }.contains("8 x 8 x 1 and 4 x 4 x 1 differ"))
    #expect(problem { n, x in n.concatenate([x, n.maxPool(x)]) }.contains("differ in size"))
    #expect(
      problem { n, x in n.convolution(x, filters: 2, kernel: 2, name: "even") }.contains(
        "\"even\": kernel 2 is not odd"))
    #expect(
      problem { n, x in n.crop(x, top: 4, left: 0, height: 5, width: 5) }.contains("not inside"))
    #expect(
      problem { n, x in
        n.reflectPad(n.relu(x), top: 1, bottom: 1, left: 1, right: 1)
      }.contains("image input only"))
    #expect(
      problem { n, x in n.reflectPad(x, top: 8, bottom: 0, left: 0, right: 0) }.contains("mirror"))
    #expect(problem { n, x in n.dropout(x, rate: 1) }.contains("rate 1.0"))
    #expect(
      problem { n, x in
        n.groupNorm(n.convolution(x, filters: 6, name: "a"), groups: 4, name: "norm")
      }.contains("\"norm\": 6 channels do not divide into 4 groups"))
    #expect(
      problem { n, x in n.maxPool(x, 3, stride: 2, padding: 2) }.contains(
        "padding 2 is not in 0...1"))
    #expect(
      problem { n, x in n.averagePool(x, 9, stride: 1) }.contains(
        "8 x 8 is smaller than the window of 9 x 9"))
    #expect(
      problem { n, x in n.adaptiveAveragePool(x, height: 0, width: 1) }.contains("at least one row")
    )
    #expect(problem { n, x in n.concatenate([]) }.contains("no input"))
  }

  /// As a file may hold them.
  @Test(arguments: [
    (#""factor":2"#, #""factor":9223372036854775807"#, "a number beyond all bounds"),
    (#""factor":2"#, #""factor":1048576"#, "beyond all bounds"),
    (#""channels":1"#, #""channels":4611686018427387904"#, "a number beyond all bounds"),
    (#""inputs":[1,0]"#, #""inputs":[1]"#, "has one input, but needs 2"),
    (#""inputs":[1,0]"#, #""inputs":[1,7]"#, "reads a layer of another network"),
  ])
  func numbersOfAFileAreBounded(_ old: String, _ new: String, _ words: String) throws {
    var network = Network()
    let x = network.image(channels: 1)
    network.output(
      network.upsample(
        network.multiply(network.convolution(x, filters: 1, name: "a"), x), 2, .nearest))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(network), as: UTF8.self)
    try #require(text.contains(old), "\(text)")
    let changed = try JSONDecoder().decode(
      Network.self, from: Data(text.replacingOccurrences(of: old, with: new).utf8))
    let error = #expect(throws: NetworkError.self) { try changed.validate(height: 8, width: 8) }
    #expect("\(error as Any)".contains(words), "\(error as Any)")
    #expect(throws: NetworkError.self) { try network.validate(height: .max, width: 8) }
  }

  @Test func weightsAreBoundedAndToldApart() throws {
    var network = Network()
    let x = network.image(channels: 1)
    let wide = network.convolution(x, filters: 1 << 20, kernel: 1, name: "a")
    network.output(network.convolution(wide, filters: 1 << 20, kernel: 1, name: "b"))
    let many = #expect(throws: NetworkError.self) { try network.validate(height: 8, width: 8) }
    #expect("\(many as Any)".contains("more than 4294967296 weights"), "\(many as Any)")
    // More than a whole number can count.
    network.output(network.convolution(wide, filters: 1 << 20, kernel: (1 << 20) - 1, name: "c"))
    #expect(throws: NetworkError.self) { try network.validate(height: 8, width: 8) }

    var nameless = Network()
    let image = nameless.image(channels: 1)
    let one = nameless.convolution(image, filters: 1, name: "")
    try #require((try? nameless.validate(height: 8, width: 8)) == nil, "it has no output yet")
    nameless.output(nameless.convolution(one, filters: 1, name: ""))
    let same = #expect(throws: NetworkError.self) { try nameless.validate(height: 8, width: 8) }
    #expect("\(same as Any)".contains("names must differ"), "\(same as Any)")
  }

  @Test func networksNeedAnImageAndAnOutput() {
    var network = Network()
    #expect(throws: NetworkError.self) { try network.validate(height: 8, width: 8) }
    _ = network.image(channels: 1)
    #expect(throws: NetworkError.self) { try network.validate(height: 8, width: 8) }
  }

  /// The 16-filter, 5-level U-Net of the published comparisons has 1.94 million parameters.
  @Test func countsAndSummary() throws {
    let network = SmallUNet(size: 128, pad: (0, 0), levels: 5, filters: 16, features: 0).network()
    #expect(try network.parameterCount(height: 128, width: 128) == 1_942_289)
    let adds = try network.multiplyAdds(height: 128, width: 128)
    #expect(abs(Double(adds) - 0.75e9) < 0.02e9)
    let lines = try network.summary(height: 128, width: 128).split(separator: "\n")
    #expect(lines.count == network.steps.count + 2)
    #expect(lines.last!.contains("1942289"))
    #expect(lines.contains { $0.hasPrefix("enc0.conv0") && $0.contains("128 x 128 x 16") })
  }

  @Test func codable() throws {
    let network = SmallUNet(dropout: 0.5).network()
    let data = try JSONEncoder().encode(network)
    #expect(try JSONDecoder().decode(Network.self, from: data) == network)
  }

  @Test func plannedMemoryGrowsWithTheBatchOnlyWhereItMust() throws {
    let model = SmallUNet(size: 62, pad: (1, 1), levels: 3, filters: 8, features: 0)
    let weights = try model.trainer(batch: 1).weights()
    func bytes(_ batch: Int) throws -> Int {
      try Predictor(
        network: model.network(), weights: weights, batch: batch, height: 62, width: 62,
        engine: EngineSettings(threads: 2)
      ).plannedBytes
    }
    // Inference keeps activations a worker, not an image.
    let (few, many) = (try bytes(4), try bytes(32))
    #expect(few == many)
    let (one, eight) = (
      try model.trainer(batch: 1).plannedBytes, try model.trainer(batch: 8).plannedBytes
    )
    #expect(eight < 9 * one)
  }
}
