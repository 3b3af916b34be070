// The section `model` of params.yaml: kinds of networks, and what is said of those that there aren't.

import Foundation
import Neural
import Segmentation
import Testing

@Suite struct ModelSettingsTests {
  private func decode(_ kind: String) throws -> ModelSettings {
    let text = """
      {\(kind)"filters": 4, "levels": 3, "dropout": 0.25, "batch_norm": true, "depth_input": true,
       "pad_to": 64}
      """
    return try JSONDecoder().decode(ModelSettings.self, from: Data(text.utf8))
  }

  @Test func kinds() throws {
    let image = Shape(height: 40, width: 50, channels: 1)
    let unet = try decode("\"kind\": \"unet\", ")
    #expect(try unet == decode(""))
    #expect(
      try unet.network(image: image, features: 1)
        == UNet(unet.unet, image: image, features: 1).network())
    let resnet = try decode("\"kind\": \"resnet34-unet\", ")
    #expect(resnet.depthInput)
    #expect(
      try resnet.network(image: image, features: 1)
        == ResNetUNet(image: image, features: 1, decoder: DecoderSettings(dropout: 0.25), padTo: 64)
        .network())
  }

  /// Parameters that a stage doesn't know are refused, so everything that is read is written.
  @Test func writesWhatItReads() throws {
    let settings = try decode("\"kind\": \"resnet34-unet\", ")
    let text = String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)
    for key in [
      "kind", "weights", "filters", "levels", "dropout", "batch_norm", "depth_input", "pad_to",
    ] {
      #expect(text.contains("\"\(key)\""))
    }
    #expect(try JSONDecoder().decode(ModelSettings.self, from: Data(text.utf8)) == settings)
  }

  @Test func unknownKind() throws {
    let error = #expect(throws: DecodingError.self) { try decode("\"kind\": \"resnet\", ") }
    guard case .dataCorrupted(let context)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.codingPath.map(\.stringValue) == ["kind"])
    #expect(
      context.debugDescription
        == "\"resnet\" is not one of the choices: unet, resnet18-unet, resnet34-unet, "
        + "efficientnet-lite0-unet, efficientnet-lite1-unet, efficientnet-lite2-unet")
  }
}
