// Exported graphs of small models of every kind. Whether they compute what `predict` does, only a runtime of the format
// can tell: Golden/check_onnx.py runs each graph by onnxruntime beside our own results, and keeps the digests of
// those that agree. A graph whose bytes are another fails here until the script has seen it.

import Choices
import Datasets
import DatasetsSupport
import Foundation
import Hashing
import Imaging
import Inference
import Neural
import ONNX
import Segmentation
import Testing

struct EnsembleExportTests {
  /// A model kind to export, and the images that it is for.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var settings: ModelSettings
    var tta = TTA.none
    var size = ImageSize(width: 21, height: 19)
    var channels = 1
    var depths = false
    var head = TargetHead.mask
    var models = 1
    var clips = false
    /// How large weights are: so that logits neither vanish nor saturate.
    var gain: Float = 1.7

    var testDescription: String { name }
  }

  private static let small = UNetSettings(filters: 2, levels: 3)

  static let cases: [Case] = [
    Case(name: "unet", settings: ModelSettings(small)),
    Case(
      name: "unet-folds-hflip", settings: ModelSettings(small), tta: .hflip, models: 3, clips: true),
    Case(
      name: "unet-d4", settings: ModelSettings(small), tta: .d4,
      size: ImageSize(width: 20, height: 20), channels: 3),
    Case(
      name: "unet-all",
      settings: ModelSettings(
        UNetSettings(
          filters: 2, levels: 3, dropout: 0.1, batchNorm: false, depthInput: true,
          attention: .scSE, hypercolumn: true)),
      depths: true, head: .softmax(classes: 4)),
    Case(
      name: "unet-resize",
      settings: ModelSettings(
        UNetSettings(filters: 2, levels: 2, resize: ImageSize(width: 16, height: 12))),
      tta: .hflip, head: .sigmoid(channels: 2)),
    Case(
      name: "unet-enlarged",
      settings: ModelSettings(
        UNetSettings(filters: 2, levels: 2, resize: ImageSize(width: 32, height: 28)))),
    Case(
      name: "resnet18-gate",
      settings: ModelSettings(
        kind: .resNet18UNet,
        UNetSettings(attention: .gate, decoderFilters: [4, 4, 4, 4, 4], hypercolumn: true))),
    Case(
      name: "lite0-hypercolumn",
      settings: ModelSettings(
        kind: .efficientNetLite0UNet,
        UNetSettings(decoderFilters: [4, 4, 4, 4, 4], hypercolumn: true, padTo: 64)),
      tta: .hflip, size: ImageSize(width: 41, height: 41)),
    Case(
      name: "lite0-dilated-empty-head",
      settings: ModelSettings(
        kind: .efficientNetLite0UNet,
        UNetSettings(
          decoderFilters: [4, 4, 4, 4, 4], centre: .dilated, coordinates: true, emptyHead: true)),
      size: ImageSize(width: 38, height: 45), head: .sigmoid(channels: 2)),
    Case(
      name: "unet-pyramid-empty-head",
      settings: ModelSettings(
        UNetSettings(
          filters: 2, levels: 3, centre: .pyramid, coordinates: true, emptyHead: true)),
      tta: .hflip),
    Case(
      name: "lite0-padded-to-24",
      settings: ModelSettings(
        kind: .efficientNetLite0UNet, UNetSettings(decoderFilters: [4, 4, 4, 4, 4], padTo: 24))),
    Case(
      name: "lite0-nested",
      settings: ModelSettings(
        kind: .efficientNetLite0UNet,
        UNetSettings(decoder: .nested, decoderFilters: [4, 4, 4, 4, 4]))),
    Case(
      name: "lite0-fpn",
      settings: ModelSettings(kind: .efficientNetLite0UNet, UNetSettings(decoder: .fpn)),
      gain: 1),
  ]

  @Test(arguments: cases)
  func graphIsOneThatWasChecked(_ example: Case) throws {
    let made = try make(example)
    if let folder = ProcessInfo.processInfo.environment["WORK_ONNX_CASES"] {
      try made.write(to: URL(fileURLWithPath: folder, isDirectory: true), example.name)
    }
    let digest = Digest.hex(of: made.export.bytes)
    #expect(
      try checked()[example.name] == digest,
      "\(example.name) has other bytes than those that were checked; run Golden/check_onnx.py")
  }

  @Test func sizesThatTheNetworkDoesNotHalveExactlyAreFixed() throws {
    for example in Self.cases where example.models == 1 {
      #expect(try make(example).export.takesAnySize == (example.name != "lite0-padded-to-24"))
    }
  }

  @Test func modelsOfSeveralFramesAreRefused() throws {
    let models = try [Self.cases[0], Self.cases[4]].map { try make($0).models[0] }
    #expect(throws: ExportError.self) { try EnsembleExport(models, tta: .none) }
    #expect(throws: ExportError.self) { try EnsembleExport([], tta: .none) }
  }

  // MARK: Making and keeping

  private struct Made {
    var models: [Model]
    var images: ImageSet
    var maps: ProbabilityMaps
    var export: EnsembleExport

    /// The graph, what it reads, and what predict says: little-endian floats, and bytes of 255ths.
    func write(to folder: URL, _ name: String) throws {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      func file(_ ending: String) -> URL { folder.appendingPathComponent("\(name).\(ending)") }
      try Data(export.bytes).write(to: file("onnx"))
      let planes = images.ids.indices.map { images.image($0) }
      try Data(planes.flatMap(\.values).flatMap { withUnsafeBytes(of: $0, Array.init) })
        .write(to: file("images"))
      try Data(images.features.joined().flatMap { withUnsafeBytes(of: $0, Array.init) })
        .write(to: file("features"))
      try Data(maps.values).write(to: file("maps"))
      let shape: [String: Int] = [
        "count": planes.count, "height": images.height, "width": images.width,
        "channels": images.channels, "features": models[0].features,
        "map_channels": maps.values.count / (planes.count * images.height * images.width),
      ]
      try JSONEncoder().encode(shape).write(to: file("json"))
    }
  }

  private func make(_ example: Case) throws -> Made {
    let images = blobs(
      3, width: example.size.width, height: example.size.height, channels: example.channels,
      depths: example.depths)
    let frame = try example.settings.frame()
    let input = try frame.input(for: images)
    let network = try example.settings.network(
      image: input, features: images.featureCount, outputs: example.head.outputs)
    let models = try (0..<example.models).map { fold in
      Model(
        network: network, weights: try weights(network, input, fold: fold, example.gain),
        image: input,
        features: images.featureCount,
        normalization: Normalization(
          of: images, [0, 1], percentiles: example.clips ? 5...95 : nil),
        frame: frame, head: example.head)
    }
    let engine = EngineSettings(threads: 1, backend: .native, precision: .float32)
    let maps = try Ensemble(models, batch: 2, engine: engine)
      .predict(images, at: Array(images.ids.indices), tta: example.tta)
    return Made(
      models: models, images: images, maps: maps,
      export: try EnsembleExport(models, tta: example.tta, metadata: ["targets": "mask"]))
  }

  /// Weights that are the same on every machine, and large enough that a wrong layer shows.
  private func weights(_ network: Network, _ input: Shape, fold: Int, _ gain: Float) throws
    -> Weights
  {
    var tensors: [String: Tensor] = [:]
    let shapes = try network.shapes(height: input.height, width: input.width)
    for (index, parameter) in network.parameters(shapes: shapes).enumerated() {
      let fanIn = parameter.shape.dropFirst().reduce(1, *)
      let isVariance = parameter.name.hasSuffix("running_var")
      let values = (0..<parameter.shape.reduce(1, *)).map { place -> Float in
        let number = (place * 7919 + index * 104729 + fold * 31) % 2001
        let value = Float(number - 1000) / 1000
        if isVariance { return 0.5 + Float(number) / 4002 }
        return parameter.shape.count > 1
          ? value * gain / Float(fanIn).squareRoot()
          : value * 0.25 + (parameter.name.hasSuffix("weight") ? 1 : 0)
      }
      tensors[parameter.name] = Tensor(shape: parameter.shape, values: values)
    }
    return Weights(tensors: tensors, metadata: [:])
  }

  private func checked() throws -> [String: String] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/checked.json")
    return try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
  }
}
