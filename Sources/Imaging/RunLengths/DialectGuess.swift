// The dialect of run lengths whose masks aren't known: by what would leave the image, and by how
// smooth what they mark is.

/// What run lengths alone tell about their dialect.
public struct DialectGuess: Sendable, Equatable {
  /// A cell of a table, and the image that it belongs to.
  public struct Example: Sendable, Equatable {
    /// A cell's text.
    public var text: String
    /// The image's width in pixels.
    public var width: Int
    /// The image's height in pixels.
    public var height: Int
    /// The image itself, by whose edges the order is told where smoothness tells nothing (in a
    /// square image, the wrong order is a reflection). May be nil.
    public var picture: Plane?

    /// A cell and its image's size.
    public init(text: String, width: Int, height: Int, picture: Plane? = nil) {
      precondition(width > 0 && height > 0, "an image has at least one pixel")
      precondition(
        picture.map { $0.width == width && $0.height == height } ?? true, "a picture of that size")
      self.text = text
      self.width = width
      self.height = height
      self.picture = picture
    }
  }

  /// The guess; what can't be told is as in the dialect that the guess began with.
  public private(set) var dialect: RunLength
  /// A sentence for each setting that was told, as in "order: column, since …".
  public private(set) var reasons: [String] = []
  /// The settings that can't be told from these texts, and why: "base: no run begins …".
  public private(set) var undecided: [String] = []
  /// Texts with runs, and how many of them the guess can't read.
  public private(set) var marked = 0
  /// How many texts the guess can't read.
  public private(set) var unreadable = 0

  /// Judges examples; `start` is what holds where they tell nothing.
  public init(from start: RunLength = RunLength(), examples: [Example]) {
    dialect = start
    guessForm(examples)
    let marked = examples.filter { example in
      let words = example.text.split(whereSeparator: \.isWhitespace)
      return !words.isEmpty && words.joined(separator: " ") != dialect.empty
    }
    self.marked = marked.count
    if dialect.form != .coco && !marked.isEmpty {
      guessCounting(marked)
      let isTold = guessBase(marked)
      guessOrder(marked)
      if !isTold { guessBaseByEdges(marked) }
    }
    unreadable = marked.count { Self.mask($0, dialect) == nil }
  }

  private static func mask(_ example: Example, _ dialect: RunLength) -> Mask? {
    try? dialect.decode(example.text, width: example.width, height: example.height)
  }

  /// The form that most texts look like, and the token that stands for empty masks.
  private mutating func guessForm(_ examples: [Example]) {
    var forms: [RunLength.Form: Int] = [:]
    var tokens: [String: Int] = [:]
    for example in examples {
      let words = example.text.split(whereSeparator: \.isWhitespace)
      let text = words.joined(separator: " ")
      if text.count <= 12 && (text.count <= 2 || !text.contains(where: \.isNumber)) {
        tokens[text, default: 0] += 1
      } else if let form = RunLength.Form(lookOf: words, pixels: example.width * example.height) {
        forms[form, default: 0] += 1
      }
    }
    if let form = RunLength.Form.allCases.max(by: { forms[$0, default: 0] < forms[$1, default: 0] }
    ),
      let count = forms[form]
    {
      dialect.form = form
      reasons.append("form: \(form.rawValue), as \(count) of \(examples.count) texts look")
    } else {
      undecided.append("form: no text holds runs")
    }
    if let token = tokens.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
      dialect.empty = token.key
      reasons.append(
        "empty: \(RunLength.quoted(token.key)), as \(token.value) of \(examples.count) texts are")
    }
  }

  /// Whether starts are counted from the run before: what can't be read one way may the other.
  private mutating func guessCounting(_ examples: [Example]) {
    let counts = [false, true].map { relative in
      examples.count { example in
        [0, 1].contains { base in
          var dialect = dialect
          (dialect.relative, dialect.base) = (relative, base)
          return Self.mask(example, dialect) != nil
        }
      }
    }
    guard counts[0] != counts[1] else {
      undecided.append("relative: all runs lie within the image in order either way")
      return
    }
    dialect.relative = counts[1] > counts[0]
    reasons.append(
      "relative: \(dialect.relative), since the other way \(abs(counts[0] - counts[1])) of "
        + "\(examples.count) texts have runs out of order or outside of the image")
  }

  /// By runs that begin at 0, or end behind the last pixel. Returns whether there are such.
  private mutating func guessBase(_ examples: [Example]) -> Bool {
    let readable = [0, 1].map { base in examples.count { runs($0, base: base) != nil } }
    guard readable[0] != readable[1] else { return false }
    dialect.base = readable[1] > readable[0] ? 1 : 0
    reasons.append(
      "base: \(dialect.base), since counted from \(1 - dialect.base) "
        + "\(abs(readable[0] - readable[1])) of \(examples.count) texts leave the image")
    return true
  }

  /// By marks that reach the image's edge: in the wrong base they come back on the other side by a
  /// single pixel.
  private mutating func guessBaseByEdges(_ examples: [Example]) {
    let wraps = [0, 1].map { base in
      examples.reduce(0) { sum, example in
        let line = dialect.order == .row ? example.width : example.height
        return sum
          + (runs(example, base: base) ?? []).count { run in
            let (first, last) = (run.lowerBound / line, (run.upperBound - 1) / line)
            guard first != last else { return false }
            return run.lowerBound % line == line - 1 || run.upperBound % line == 1
          }
      }
    }
    guard max(wraps[0], wraps[1]) >= 3, 4 * min(wraps[0], wraps[1]) <= max(wraps[0], wraps[1])
    else {
      undecided.append(
        "base: no run begins at pixel 0 or ends at the last, and none tells by an edge")
      return
    }
    dialect.base = wraps[1] < wraps[0] ? 1 : 0
    reasons.append(
      "base: \(dialect.base), since counted from \(1 - dialect.base) \(max(wraps[0], wraps[1])) "
        + "runs go over the image's edge by a single pixel")
  }

  /// The runs of a text, as positions in the order of the dialect.
  private func runs(_ example: Example, base: Int) -> [Range<Int>]? {
    var dialect = dialect
    dialect.base = base
    return Self.mask(example, dialect).map {
      PixelOrder(dialect.order, width: example.width, height: example.height).runs(of: $0)
    }
  }

  private mutating func guessOrder(_ examples: [Example]) {
    let orders = RunLength.Order.allCases
    let masks = orders.map { order in
      examples.map { example in
        var dialect = dialect
        dialect.order = order
        return Self.mask(example, dialect)
      }
    }
    let edges = masks.map { masks in masks.reduce(0) { $0 + ($1?.edges ?? 0) } }
    if let order = Self.smaller(edges.map(Double.init), by: 0.8) {
      dialect.order = orders[order]
      reasons.append(
        "order: \(orders[order].rawValue), since the other one marks stripes: "
          + "\(edges[1 - order]) edges between pixels instead of \(edges[order])")
      return
    }
    let contrasts = masks.map { masks in
      var (sum, edges) = (0.0, 0)
      for (example, mask) in zip(examples, masks) {
        guard let picture = example.picture, let mask else { continue }
        let contrast = mask.contrast(in: picture)
        sum += contrast.sum
        edges += contrast.edges
      }
      return sum / Double(max(edges, 1))
    }
    if let weak = Self.smaller(contrasts, by: 0.9) {
      dialect.order = orders[1 - weak]
      reasons.append(
        "order: \(orders[1 - weak].rawValue), since then marks end where the pictures have edges")
      return
    }
    undecided.append(
      "order: marks are as smooth along rows as down columns, as they are in square images")
  }

  /// Which of two values is smaller by a factor.
  private static func smaller(_ values: [Double], by factor: Double) -> Int? {
    if values[0] < factor * values[1] { return 0 }
    if values[1] < factor * values[0] { return 1 }
    return nil
  }
}
