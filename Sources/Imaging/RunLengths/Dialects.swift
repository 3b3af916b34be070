// The dialects that there are beside a given one, and how two differ in words.

import Basics

extension RunLength {
  /// Every order × base (0 and 1) × way of counting in a form, itself included; one of COCO's.
  public static func dialects(of form: Form, empty: String = "", separator: String? = nil)
    -> [RunLength]
  {
    if form == .coco { return [RunLength(empty: empty, form: .coco, separator: separator)] }
    return [false, true].flatMap { relative in
      [1, 0].flatMap { base in
        Order.allCases.map {
          RunLength(
            order: $0, base: base, empty: empty, relative: relative, form: form,
            separator: separator)
        }
      }
    }
  }

  /// Other dialects that may read some texts, those that differ least first.
  func alternatives(for texts: [String]) -> [RunLength] {
    var forms: [Form] = [form]
    for text in texts.prefix(20) {
      // The size is not known here: COCO's text is told by its letters.
      let words = text.split(whereSeparator: \.isWhitespace)
      let guesses: [Form] =
        switch text.first(where: { !$0.isWhitespace }) {
        case "{": [.coco]
        case "[", "(": [.list, .coco]
        case _ where words.count == 1 && !words[0].allSatisfy(\.isNumber): [.coco, .pairs]
        default: [.pairs]
        }
      for guess in guesses where !forms.contains(guess) { forms.append(guess) }
    }
    var separators: [String?] = [separator]
    for separator in ["|", ";", "/", ":", ","]
    where self.separator == nil && texts.contains(where: { $0.contains(separator) }) {
      separators.append(separator)
    }
    let all = forms.flatMap { form in
      separators.filter { $0.map(form.allows) ?? true }.flatMap {
        Self.dialects(of: form, empty: empty, separator: $0)
      }
    }
    // A stable order: sorting alone may swap equals.
    return all.enumerated().filter { $0.element != self }
      .sorted { (changes($0.element), $0.offset) < (changes($1.element), $1.offset) }
      .map(\.element)
  }

  private func changes(_ other: RunLength) -> Int { other.settings(from: self).count }

  /// The settings in which a dialect differs from another, as params.yaml has them.
  private func settings(from other: RunLength) -> [String] {
    var settings: [String] = []
    if form != other.form { settings.append("form: \(form.rawValue)") }
    if form != .coco {
      if order != other.order { settings.append("order: \(order.rawValue)") }
      if base != other.base { settings.append("base: \(base)") }
      if relative != other.relative { settings.append("relative: \(relative)") }
    }
    if separator != other.separator {
      settings.append("separator: \(separator.map(Self.quoted) ?? "null")")
    }
    if empty != other.empty { settings.append("empty: \(Self.quoted(empty))") }
    return settings
  }

  /// The settings in which this differs from another dialect, as in "order: row, base: 0".
  public func difference(from other: RunLength) -> String {
    settings(from: other).joined(separator: ", ")
  }

  /// Text in the quotes that YAML reads, too.
  static func quoted(_ text: String) -> String { JSONValue.quoted(text) }
}
