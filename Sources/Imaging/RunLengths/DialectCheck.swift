// Whether a dialect of run lengths is the right one, by masks that are known; and which one is.

/// A dialect held against run lengths whose masks are known.
public struct DialectCheck: Sendable, Equatable {
  /// Run lengths and the mask that they stand for.
  public struct Example: Sendable, Equatable {
    /// A cell's text.
    public var text: String
    /// The mask that it should decode to.
    public var mask: Mask

    /// An example of a text and its mask.
    public init(text: String, mask: Mask) {
      self.text = text
      self.mask = mask
    }
  }

  /// Which texts belong to which of an image's instances: those with as many pixels, where no other text
  /// and no other instance has so many. By ascending numbers of pixels.
  /// - Parameter areas: pixels of each instance; the results' indices are into it.
  package static func pairing(
    _ texts: some Sequence<String>, areas: [Int], of dialect: RunLength, width: Int, height: Int
  ) -> [(text: String, instance: Int)] {
    func unique<Value>(_ values: [(area: Int, value: Value)]) -> [Int: Value] {
      Dictionary(grouping: values, by: \.area).compactMapValues {
        $0.count == 1 ? $0[0].value : nil
      }
    }
    let byArea = unique(
      texts.compactMap { text in
        (try? dialect.decode(text, width: width, height: height)).map { ($0.area, text) }
      })
    return unique(areas.enumerated().map { ($1, $0) }).sorted { $0.key < $1.key }
      .compactMap { area, instance in byArea[area].map { ($0, instance) } }
  }

  /// The dialect that was checked.
  public let dialect: RunLength
  /// Examples with a mark: in the mask, or by a run in the text.
  public let marked: Int
  /// Marked examples that decode to their mask.
  public let agreeing: Int
  /// The dialects under which the most marked examples agree (`bestAgreeing`), those that differ
  /// least from the checked one first; only the checked one where none is better.
  public let best: [RunLength]
  /// Marked examples that agree under each of `best`.
  public let bestAgreeing: Int
  /// Texts of empty masks that the dialect can't read, each once, the most frequent first.
  public let emptyTokens: [String]
  /// The error of the first example that the dialect can't read.
  public let error: RunLengthError?

  /// Whether nothing speaks against the dialect.
  public var isRight: Bool { agreeing == marked && emptyTokens.isEmpty }

  /// Tries every order, base, way of counting and form on the examples.
  public init(of dialect: RunLength, examples: [Example]) {
    self.dialect = dialect
    let decoded = examples.map { example in
      Result {
        try dialect.decode(example.text, width: example.mask.width, height: example.mask.height)
      }
    }
    var unread: [Example] = []
    var marked: [Example] = []
    var agreeing = 0
    var firstError: RunLengthError?
    for (example, result) in zip(examples, decoded) {
      switch result {
      case .success(let mask):
        guard !mask.isEmpty || !example.mask.isEmpty else { continue }
        marked.append(example)
        if mask == example.mask { agreeing += 1 }
      case .failure(let error):
        firstError = firstError ?? error as? RunLengthError
        if example.mask.isEmpty {
          unread.append(example)
        } else {
          marked.append(example)
        }
      }
    }
    self.marked = marked.count
    self.agreeing = agreeing
    error = firstError
    var best = [dialect]
    var most = agreeing
    if agreeing < marked.count {
      for candidate in dialect.alternatives(for: marked.map(\.text)) {
        let count = marked.count { example in
          (try? candidate.decode(
            example.text, width: example.mask.width, height: example.mask.height)) == example.mask
        }
        if count > most { (best, most) = ([], count) }
        if count == most && most > agreeing { best.append(candidate) }
      }
    }
    // What COCO's tools write for an empty mask is no token: it differs by size.
    var tokens: [String: Int] = [:]
    for example in unread where best[0].form != .coco || !best[0].reads(example) {
      tokens[example.text, default: 0] += 1
    }
    emptyTokens = tokens.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    self.best = best
    bestAgreeing = most
  }

  /// The dialect to set: the best, with the token of empty masks; nil where nothing is better than
  /// what was checked.
  public var suggestion: RunLength? {
    var suggestion = best[0]
    if let token = emptyTokens.first, emptyTokens.count == 1 { suggestion.empty = token }
    return suggestion == dialect ? nil : suggestion
  }

  /// What is wrong and what to set, as in "0 of 9 marked masks agree; with order: row all do"; nil
  /// where nothing is wrong.
  public var message: String? {
    guard !isRight else { return nil }
    var parts: [String] = []
    if agreeing < marked {
      let agree = "\(agreeing) of \(marked) marked masks agree"
      if bestAgreeing > agreeing {
        let ways = best.map { $0.difference(from: dialect) }
        let shown = ways.prefix(3).joined(separator: ", or with ")
        parts.append(
          "\(agree); with \(shown) "
            + (bestAgreeing == marked ? marked == 1 ? "it does" : "all do" : "\(bestAgreeing) do"))
      } else {
        parts.append("\(agree), and no other order, base or form is better")
      }
    }
    if emptyTokens.count == 1 {
      parts.append(
        "empty masks are written as “\(emptyTokens[0])”: set empty: "
          + RunLength.quoted(emptyTokens[0]) + " (with the quotes)")
    } else if emptyTokens.count > 1 {
      let shown = emptyTokens.prefix(3).map { "“\($0.prefix(30))”" }.joined(separator: ", ")
      parts.append("\(emptyTokens.count) different texts stand for empty masks: \(shown)")
    }
    return parts.joined(separator: "; ")
  }
}

extension RunLength {
  fileprivate func reads(_ example: DialectCheck.Example) -> Bool {
    (try? decode(example.text, width: example.mask.width, height: example.mask.height)) != nil
  }
}
