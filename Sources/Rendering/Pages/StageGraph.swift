// The small graph of stages on the index page: columns by distance from the start, left to right.

/// Draws which stage reads whose outputs.
struct StageGraph {
  private struct Box {
    var name: String
    var anchor: String
    var style: String
    var x = 0.0
    var y = 0.0
    var width: Double
  }

  private static let height = 32.0
  private static let gap = (x: 34.0, y: 14.0)
  private var boxes: [Box]
  private var edges: [(from: Int, to: Int)] = []
  private var size = (width: 0.0, height: 0.0)

  /// - Parameter anchors: the id of each stage's entry on the page.
  init(_ book: Book, anchors: [String]) {
    boxes = zip(book.stages, anchors).map { stage, anchor in
      Box(
        name: stage.name, anchor: anchor, style: stage.status.style,
        width: TextMeasure.width(stage.name, size: 13) + 38)
    }
    let index = Dictionary(
      book.stages.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { a, _ in a }
    )
    let before = book.stages.map { Set($0.after.compactMap { index[$0] }) }
    let columns = Self.columns(before)
    // An edge that a longer way implies would only cross the drawing.
    for (to, sources) in before.enumerated() {
      for from in sources.sorted() where from != to {
        let isImplied = sources.contains { $0 != from && Self.reaches(from, $0, before) }
        if !isImplied { edges.append((from, to)) }
      }
    }
    place(columns)
  }

  /// The graph, or nothing for fewer than two stages.
  func html() -> String {
    guard boxes.count > 1 else { return "" }
    var svg = ElementWriter()
    let c = Format.coordinate
    let (width, height) = (c(size.width), c(size.height))
    svg.element("div", ["class": "graph scroll", "tabindex": "0"]) { html in
      html.element(
        "svg",
        [
          "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(width) \(height)",
          "width": width, "height": height, "role": "img", "aria-label": "Graph of the stages",
        ]
      ) { svg in
        for edge in edges {
          let (from, to) = (boxes[edge.from], boxes[edge.to])
          let (x1, y1) = (from.x + from.width, from.y + Self.height / 2)
          let (x2, y2) = (to.x, to.y + Self.height / 2)
          let bend = max(12, (x2 - x1) / 2)
          svg.leaf(
            "path",
            [
              "class": "edge",
              "d":
                "M\(c(x1)) \(c(y1))C\(c(x1 + bend)) \(c(y1)) \(c(x2 - bend)) \(c(y2)) \(c(x2)) \(c(y2))",
            ])
        }
        for box in boxes {
          svg.element("a", ["href": "#\(box.anchor)", "class": box.style]) { svg in
            svg.leaf(
              "rect",
              [
                "x": c(box.x), "y": c(box.y), "width": c(box.width), "height": c(Self.height),
                "rx": "6",
              ])
            svg.leaf(
              "circle", ["cx": c(box.x + 14), "cy": c(box.y + Self.height / 2), "r": "4"])
            svg.leaf("text", ["x": c(box.x + 25), "y": c(box.y + 20.5)], text: box.name)
          }
        }
      }
    }
    return svg.text + "\n"
  }

  /// The longest way from the start for each stage. A cycle, which the runner refuses, ends the count.
  private static func columns(_ before: [Set<Int>]) -> [Int] {
    var columns = [Int](repeating: 0, count: before.count)
    for _ in before.indices {
      for (to, sources) in before.enumerated() {
        let column = (sources.map { columns[$0] + 1 }.max() ?? 0)
        columns[to] = min(before.count, column)
      }
    }
    return columns
  }

  private static func reaches(_ from: Int, _ to: Int, _ before: [Set<Int>]) -> Bool {
    var seen: Set<Int> = []
    var open = [to]
    while let stage = open.popLast() {
      if before[stage].contains(from) { return true }
      open += before[stage].filter { seen.insert($0).inserted }
    }
    return false
  }

  private mutating func place(_ columns: [Int]) {
    var x = 1.0
    let rows = Dictionary(grouping: boxes.indices, by: { columns[$0] })
    let most = Double(rows.values.map(\.count).max() ?? 1)
    size.height = most * Self.height + (most - 1) * Self.gap.y + 2
    for column in rows.keys.sorted() {
      let members = rows[column] ?? []
      let width = members.map { boxes[$0].width }.max() ?? 0
      let used = Double(members.count) * (Self.height + Self.gap.y) - Self.gap.y
      for (row, index) in members.enumerated() {
        boxes[index].x = x
        boxes[index].y = (size.height - used) / 2 + Double(row) * (Self.height + Self.gap.y)
        boxes[index].width = width
      }
      x += width + Self.gap.x
    }
    size.width = x - Self.gap.x + 1
  }
}
