// The network as a table: layers, shapes, parameters and multiply-adds.

extension Network {
  /// The number of trained values.
  /// - Throws: `NetworkError` when the layers do not fit an image of this size.
  public func parameterCount(height: Int, width: Int) throws -> Int {
    parameters(shapes: try shapes(height: height, width: width))
      .filter(\.isTrained).reduce(0) { $0 + $1.count }
  }

  /// Multiply-adds of one image's forward pass, convolutions and dense layers only.
  /// - Throws: `NetworkError` when the layers do not fit an image of this size.
  public func multiplyAdds(height: Int, width: Int) throws -> Int {
    let shapes = try shapes(height: height, width: width)
    return steps.indices.reduce(0) { $0 + multiplyAdds(of: $1, shapes) }
  }

  private func multiplyAdds(of index: Int, _ shapes: [Shape]) -> Int {
    let step = steps[index]
    guard let input = step.inputs.first else { return 0 }
    switch step.layer {
    case .convolution(let c):
      return shapes[index].count * shapes[input].channels / c.groups * c.kernel * c.kernel
    case .transposedConvolution: return shapes[index].count * shapes[input].channels
    case .dense(let units, _): return shapes[input].count * units
    default: return 0
    }
  }

  /// A table for people: one line a layer, with name, kind, result (h x w x c), trained values and
  /// millions of multiply-adds.
  /// - Throws: `NetworkError` when the layers do not fit an image of this size.
  public func summary(height: Int, width: Int) throws -> String {
    let shapes = try shapes(height: height, width: width)
    let parameters = parameters(shapes: shapes).filter(\.isTrained)
    var rows = [["name", "layer", "result", "parameters", "M mult-adds"]]
    for (index, step) in steps.enumerated() {
      let count = parameters.filter { $0.step == index }.reduce(0) { $0 + $1.count }
      rows.append([
        step.name, step.layer.label, shapes[index].description, count == 0 ? "" : "\(count)",
        Self.millions(multiplyAdds(of: index, shapes)),
      ])
    }
    let total = steps.indices.reduce(0) { $0 + multiplyAdds(of: $1, shapes) }
    rows.append([
      "total", "", "", "\(parameters.reduce(0) { $0 + $1.count })", Self.millions(total),
    ])
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column < 3 ? cell + space : space + cell
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  private static func millions(_ count: Int) -> String {
    guard count > 0 else { return "" }
    let tenths = (count + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
