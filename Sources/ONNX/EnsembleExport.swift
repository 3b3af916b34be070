// All that `predict` does to an image as one graph: scaling, padding by reflection, the networks of all folds,
// test-time augmentation, and the mean over all of them.

public import Choices
import Imaging
import Inference
import Neural
public import Segmentation

/// Trained models as a file that other programs run.
public struct EnsembleExport {
  /// The file.
  public let bytes: [UInt8]
  /// Whether the graph takes images of other sizes than those that the models were trained on.
  public let takesAnySize: Bool
  /// What is to be known by those who feed it, a sentence each.
  public let notes: [String]

  /// The most that the format's encoding can hold.
  private static let mostBytes = 2_000_000_000

  /// A graph with the inputs `image` [n, channels, height, width], values 0...1 of full scale, and, where the models
  /// take them, `features` [n, count] as tables have them; and the output `probability` [n, outputs, height, width].
  /// - Parameters:
  ///   - models: those that predict together, such as those of all folds.
  ///   - metadata: text that is kept in the file, by key.
  /// - Throws: `ExportError` where the models can't be exported, `SettingError` where they don't go together.
  public init(_ models: [Model], tta: TTA, metadata: [String: String] = [:]) throws {
    guard let first = models.first else { throw ExportError(problem: "there are no models") }
    guard
      models.allSatisfy({
        $0.frame == first.frame && $0.head.outputs == first.head.outputs && $0.image == first.image
          && $0.features == first.features
      })
    else { throw ExportError(problem: "the models see images in different ways") }
    let models = models.flatMap(\.members)
    let exports = try models.enumerated().map { index, model in
      try NetworkExport(
        model.network, model.weights, image: model.image, prefix: "model_\(index).")
    }
    let input = first.image
    takesAnySize = exports.allSatisfy { $0.multiple != nil } || first.frame.isResized
    var graph = Graph()
    let sides: [Dimension] =
      takesAnySize
      ? [.any("height"), .any("width")] : [.exactly(input.height), .exactly(input.width)]
    let image = graph.input("image", [.any("n"), .exactly(input.channels)] + sides)
    let features =
      first.features > 0
      ? graph.input("features", [.any("n"), .exactly(first.features)]) : nil
    for export in exports { try export.tensors(in: &graph) }
    guard graph.tensorBytes < Self.mostBytes else {
      throw ExportError(
        problem:
          "the models have \(graph.tensorBytes) bytes of weights, and a file of this format at most 2 GB"
      )
    }

    let frame = FrameExport(first.frame)
    let seen = frame.seen(image, in: &graph)
    let transforms = tta.transforms(width: input.width, height: input.height)
    var sum: Value?
    for (model, export) in zip(models, exports) {
      let scaled = Self.scaled(
        seen, model.normalization.channels, shape: [1, input.channels, 1, 1], in: &graph)
      let values = features.map {
        Self.scaled($0, model.normalization.features, shape: [1, first.features], in: &graph)
      }
      for transform in transforms {
        let moved = Self.moved(scaled, by: transform, in: &graph)
        let logits = try Self.logits(
          moved, values, export, made: input, in: &graph)
        let back = Self.moved(logits, by: transform.inverse, in: &graph)
        let probability =
          switch first.head {
          case .sigmoid: graph.apply("Sigmoid", [back])
          case .softmax: graph.apply("Softmax", [back], [("axis", .int(1))])
          }
        sum = sum.map { graph.apply("Add", [$0, probability]) } ?? probability
      }
    }
    guard let sum else { throw ExportError(problem: "there are no models") }
    let share = 1 / Float(models.count * transforms.count)
    let mean = graph.apply("Mul", [sum, graph.constant([share])])
    graph.output(
      frame.restored(mean, like: image, in: &graph), as: "probability",
      [.any("n"), .exactly(first.head.outputs)] + sides)

    var notes = [
      "image: float32 [n, \(input.channels), height, width], samples divided by full scale (255 for 8 bits)"
    ]
    if features != nil {
      notes.append("features: float32 [n, \(first.features)], as the competition's table has them")
    }
    notes.append("probability: float32 [n, \(first.head.outputs), height, width]")
    if case .patch(let side) = first.frame {
      notes.append(
        "the graph sees an image as a whole, where predict blends windows of \(side) pixels: results differ beyond one "
          + "window")
    }
    if !takesAnySize {
      notes.append(
        "images of \(input.height) x \(input.width) pixels only, since model.pad_to isn't a multiple of 32"
      )
    }
    self.notes = notes
    bytes = graph.file(
      named: "work", text: notes.joined(separator: "\n"),
      metadata: metadata.merging(["models": "\(models.count)", "tta": tta.rawValue]) { $1 })
  }

  /// Values clipped and brought to mean 0 and deviation 1, by channel.
  private static func scaled(
    _ x: Value, _ scales: [Normalization.Scale], shape: [Int], in graph: inout Graph
  ) -> Value {
    func constant(_ value: (Normalization.Scale) -> Float) -> Value {
      graph.constant(scales.map(value), shape: shape)
    }
    var x = x
    if scales.contains(where: { $0.lowest != nil }) {
      x = graph.apply("Max", [x, constant { $0.lowest ?? -.greatestFiniteMagnitude }])
      x = graph.apply("Min", [x, constant { $0.highest ?? .greatestFiniteMagnitude }])
    }
    x = graph.apply("Sub", [x, constant { $0.mean }])
    return graph.apply("Div", [x, constant { $0.deviation }])
  }

  /// Flipped and turned, [n, channels, height, width].
  private static func moved(_ x: Value, by transform: Dihedral, in graph: inout Graph) -> Value {
    guard transform != .identity else { return x }
    var x = x
    if transform.exchangesSides {
      x = graph.apply("Transpose", [x], [("perm", .ints([0, 1, 3, 2]))])
    }
    let axes: [Int] = (transform.mirrorsRows ? [2] : []) + (transform.mirrorsColumns ? [3] : [])
    guard !axes.isEmpty else { return x }
    // Backwards from the last to before the first.
    return graph.apply(
      "Slice",
      [
        x, graph.constant(axes.map { _ in -1 }), graph.constant(axes.map { _ in Int(Int32.min) }),
        graph.constant(axes), graph.constant(axes.map { _ in -1 }),
      ])
  }

  /// A network's logits, with images of any size padded by reflection where it can take them.
  private static func logits(
    _ x: Value, _ features: Value?, _ export: NetworkExport, made: Shape,
    in graph: inout Graph
  ) throws -> Value {
    guard let multiple = export.multiple else {
      return try export.layers(x, features: features, in: &graph)
    }
    func rounded(_ side: Int) -> Int { (side + multiple - 1) / multiple * multiple }
    // As much beyond the next multiple as the network was made with.
    let padded = export.padded
    let more = [
      max(0, padded.height - rounded(made.height)), max(0, padded.width - rounded(made.width)),
    ]
    let step = graph.constant([multiple, multiple])
    let size = graph.apply(
      "Slice", [graph.apply("Shape", [x]), graph.constant([2]), graph.constant([4])])
    let steps = graph.apply(
      "Div",
      [graph.apply("Add", [size, graph.constant([multiple - 1, multiple - 1])]), step])
    let target = graph.apply(
      "Add", [graph.apply("Mul", [steps, step]), graph.constant(more)])
    let border = graph.apply("Sub", [target, size])
    let before = graph.apply("Div", [border, graph.constant([2, 2])])
    let none = graph.constant([0, 0])
    let pads = graph.apply(
      "Concat", [none, before, none, graph.apply("Sub", [border, before])], [("axis", .int(0))])
    let large = graph.apply("Pad", [x, pads], [("mode", .string("reflect"))])
    let logits = try export.layers(large, features: features, in: &graph)
    return graph.apply(
      "Slice", [logits, before, graph.apply("Add", [before, size]), graph.constant([2, 3])])
  }
}
