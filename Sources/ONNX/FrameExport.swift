// Images scaled to the size that a network sees, and probabilities back, as operators: along each side a product
// with a matrix of shares that is made in the graph, since an image may have any size. The rules are those of
// `Plane.resized`.

import Imaging
import Segmentation

/// What a network sees of an image, as operators.
struct FrameExport {
  private let size: ImageSize?

  init(_ frame: Frame) {
    if case .resize(let size) = frame { self.size = size } else { size = nil }
  }

  /// What the network sees of an image [n, channels, height, width].
  func seen(_ image: Value, in graph: inout Graph) -> Value {
    guard let size else { return image }
    let own = Self.size(of: image, in: &graph)
    let target = graph.constant([size.height, size.width])
    // Smoothed along both sides where either becomes smaller.
    let isSmaller = graph.apply("Cast", [graph.apply("Less", [target, own])], [("to", .int(1))])
    let smooths = graph.apply("ReduceMax", [isSmaller], [("keepdims", .int(0))])
    let smooth = Self.resized(image, from: own, to: target, in: &graph) { own, count, graph in
      Self.cover(own, count, in: &graph)
    }
    let sharp = Self.resized(image, from: own, to: target, in: &graph) { own, count, graph in
      Self.between(own, count, in: &graph)
    }
    let isSmooth = graph.apply("Greater", [smooths, graph.constant([Float(0)])])
    return graph.apply("Where", [isSmooth, smooth, sharp])
  }

  /// A map of what the network saw at the size of the image.
  func restored(_ map: Value, like image: Value, in graph: inout Graph) -> Value {
    guard size != nil else { return map }
    return Self.resized(
      map, from: Self.size(of: map, in: &graph), to: Self.size(of: image, in: &graph), in: &graph
    ) { own, count, graph in Self.between(own, count, in: &graph) }
  }

  /// Rows and columns, two whole numbers.
  private static func size(of image: Value, in graph: inout Graph) -> Value {
    graph.apply("Slice", [graph.apply("Shape", [image]), graph.constant([2]), graph.constant([4])])
  }

  /// rows x image x columns, with a matrix [new, old] of shares along each side.
  private static func resized(
    _ image: Value, from own: Value, to target: Value, in graph: inout Graph,
    _ shares: (_ own: Value, _ count: Value, inout Graph) -> Value
  ) -> Value {
    func side(_ of: Value, _ axis: Int) -> Value {
      graph.apply("Gather", [of, graph.scalar(axis)])
    }
    let rows = shares(side(own, 0), side(target, 0), &graph)
    let columns = shares(side(own, 1), side(target, 1), &graph)
    let across = graph.apply("Transpose", [columns], [("perm", .ints([1, 0]))])
    return graph.apply("MatMul", [graph.apply("MatMul", [rows, image]), across])
  }

  /// 0, 1, … as a column or a row of floats.
  private static func numbers(_ count: Value, axis: Int, in graph: inout Graph) -> Value {
    let range = graph.apply("Range", [graph.scalar(0), count, graph.scalar(1)])
    return graph.apply(
      "Unsqueeze", [graph.apply("Cast", [range], [("to", .int(1))]), graph.constant([axis])])
  }

  private static func float(_ number: Value, in graph: inout Graph) -> Value {
    graph.apply("Cast", [number], [("to", .int(1))])
  }

  /// Which share of each new pixel each old one covers.
  private static func cover(_ own: Value, _ count: Value, in graph: inout Graph) -> Value {
    let scale = graph.apply("Div", [float(own, in: &graph), float(count, in: &graph)])
    let one = graph.constant([Float(1)])
    let start = graph.apply("Mul", [numbers(count, axis: 1, in: &graph), scale])
    let end = graph.apply("Add", [start, scale])
    let low = numbers(own, axis: 0, in: &graph)
    let high = graph.apply("Add", [low, one])
    let covered = graph.apply(
      "Sub", [graph.apply("Min", [end, high]), graph.apply("Max", [start, low])])
    return graph.apply(
      "Div", [graph.apply("Max", [covered, graph.constant([Float(0)])]), scale])
  }

  /// Bilinear shares, with pixel centres at half-integers; beyond the edge is the edge.
  private static func between(_ own: Value, _ count: Value, in graph: inout Graph) -> Value {
    let scale = graph.apply("Div", [float(own, in: &graph), float(count, in: &graph)])
    let (half, one) = (graph.constant([Float(0.5)]), graph.constant([Float(1)]))
    let zero = graph.constant([Float(0)])
    let middle = graph.apply("Add", [numbers(count, axis: 1, in: &graph), half])
    let place = graph.apply("Sub", [graph.apply("Mul", [middle, scale]), half])
    let last = graph.apply("Sub", [float(own, in: &graph), one])
    let inside = graph.apply("Min", [graph.apply("Max", [place, zero]), last])
    let distance = graph.apply(
      "Abs", [graph.apply("Sub", [inside, numbers(own, axis: 0, in: &graph)])])
    return graph.apply("Max", [graph.apply("Sub", [one, distance]), zero])
  }
}

extension Frame {
  /// Whether images are scaled to one size.
  var isResized: Bool { if case .resize = self { true } else { false } }
}
