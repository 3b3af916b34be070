// What is made of the pixels of mask files: marks, numbers of objects, or classes with their names.

import Basics

extension Survey {
  /// What the values or colours of mask files mean.
  ///
  /// - Parameter isAnImage: whether a file is of an image, and not of a class or object in it.
  mutating func noteValues(_ masks: MaskFacts, isAnImage: Bool, _ sample: SampleFacts) throws {
    let others = tables.tables.filter { $0.name != sample.table.name }
    let numbers = isAnImage ? ClassTable<Int>(among: others) : nil
    let colours = isAnImage ? ClassTable<UInt32>(among: others) : nil
    let meaning = masks.meaning(
      classValues: numbers.map { Set($0.classes.map(\.value)) },
      classColours: colours.map { Set($0.classes.map(\.value)) },
      mayNumber: isAnImage && sample.classes.isEmpty)
    switch meaning {
    case .unclear(let what):
      throw InputError(
        "masks: \(what)" + (masks.problems.first.map { "; the first: \($0)" } ?? ""))
    case .marks(let rule):
      noteMarks(rule, masks)
    case .instances:
      findings.kind = .instances
      findings.reasons["kind"] = masks.numbering.summary
      findings.notes.append(
        "kind: \(masks.numbering.summary). If they are classes, set kind: labels and name them in classes"
      )
    case .labels(let values) where isAnImage:
      noteLabels(values, masks, numbers, sample)
    case .colours(let values) where isAnImage:
      try noteColours(values, masks, colours, sample)
    case .labels:
      findings.marks = .aboveHalf
      findings.reasons["mask"] = "mask files hold more than two values"
    case .colours(let values):
      throw InputError(
        "masks: files of one class or object each hold \(values.count) colours, which says nothing of marks"
      )
    }
  }

  private mutating func noteMarks(_ rule: MarkRule, _ masks: MaskFacts) {
    findings.marks = rule
    let values = masks.values.keys.sorted()
    let shown =
      values.prefix(4).map(String.init).joined(separator: ", ") + (values.count > 4 ? ", …" : "")
    findings.reasons["mask"] = "\(masks.looked) mask files that were looked at hold \(shown)"
    if case .value(let value) = rule {
      findings.notes.append("mask: no value is 0; the rarer one, \(value), is taken for marked")
    }
  }

  /// Classes of label maps by their values.
  private mutating func noteLabels(
    _ values: [Int], _ masks: MaskFacts, _ table: ClassTable<Int>?, _ sample: SampleFacts
  ) {
    findings.kind = .labels
    findings.reasons["kind"] =
      "\(masks.looked) label maps that were looked at hold \(values.count) values, \(values[0]) to \(values[values.count - 1])"
    if masks.numbering.mayBeObjects, sample.classes.isEmpty {
      findings.notes.append(
        "kind: \(masks.numbering.summary), or few classes, as they are taken for: if objects, set kind: instances and "
          + "classes: null")
    }
    let covering = table.flatMap { table in
      Set(values).isSubset(of: table.classes.map(\.value)) ? table : nil
    }
    var named = name(
      values, "value", by: covering, sample, otherwise: values.map { "class-\($0)" })
    if let index = named.firstIndex(where: { Self.isVoid($0.name, sample) })
      ?? named.firstIndex(where: { $0.value == 255 && !sample.classes.contains($0.name) })
    {
      findings.ignore = named[index].value
      findings.reasons["classes.ignore"] = Self.noClass([named[index].name], sample)
      named.remove(at: index)
    }
    findings.classes = named.map(\.name)
    let numbers = named.map(\.value)
    findings.classValues = numbers == Array(0..<numbers.count) ? nil : numbers
    noteMissingClasses(sample)
  }

  /// Classes of label maps by their colours.
  private mutating func noteColours(
    _ values: [UInt32], _ masks: MaskFacts, _ table: ClassTable<UInt32>?, _ sample: SampleFacts
  ) throws {
    findings.kind = .labels
    findings.reasons["kind"] =
      "\(masks.looked) label maps that were looked at hold \(values.count) colours"
    // A few pixels of other colours, as editors leave them, don't make the table a wrong one.
    let known = Set(table?.classes.map(\.value) ?? [])
    let strangers = values.filter { !known.contains($0) }
    let covering = 2 * strangers.count < values.count ? table : nil
    var named = name(
      values, "colour", by: covering, sample,
      otherwise: values.map { "colour-\(String($0, radix: 16).padded(to: 6))" })
    let ignored = named.filter { Self.isVoid($0.name, sample) }
    named.removeAll { Self.isVoid($0.name, sample) }
    findings.ignoredColours = ignored.map(\.value)
    findings.reasons["classes.ignore_colors"] =
      ignored.isEmpty ? nil : Self.noClass(ignored.map(\.name), sample)
    if let covering, !strangers.isEmpty {
      let share = strangers.reduce(0) { $0 + (masks.colours[$1] ?? 0) }
      findings.ignoredColours += strangers
      findings.notes.append(
        "classes: the label maps hold \(strangers.count) colours (\(share) pixels) that \(covering.table.name) doesn't "
          + "name; they are in ignore_colors and count for nothing")
    }
    guard named.count <= 64 else {
      throw InputError(
        "masks: \(named.count) colours\(table == nil ? ", and no table names them (a name and columns r, g, b)" : "") "
          + "are more than the 64 classes that can be told apart")
    }
    findings.classes = named.map(\.name)
    findings.classColours = named.map(\.value)
    noteMissingClasses(sample)
  }

  /// Values with names: of a table, of the sample submission, or others.
  private mutating func name<Value: Hashable & Comparable & Sendable>(
    _ values: [Value], _ what: String, by table: ClassTable<Value>?, _ sample: SampleFacts,
    otherwise others: [String]
  ) -> [(value: Value, name: String)] {
    if let table {
      findings.reasons["classes"] = "of \(table.table.name)"
      return table.classes
    }
    if sample.classes.count == values.count {
      findings.reasons["classes"] = "of \(sample.table.name), in the order of the \(what)s"
      findings.notes.append(
        "classes: no table says which \(what) is which class; their order is a guess")
      return Array(zip(values, sample.classes))
    }
    findings.reasons["classes"] = "\(what)s of the label maps; no table names them"
    return Array(zip(values, others))
  }

  private mutating func noteMissingClasses(_ sample: SampleFacts) {
    let missing = Set(sample.classes).subtracting(findings.classes).sorted()
    guard !missing.isEmpty else { return }
    findings.notes.append(
      "classes: \(sample.table.name) asks for \(missing.joined(separator: ", ")), which the label maps don't have"
    )
  }

  /// Whether a name stands for pixels without a class, and no submission asks for it.
  private static func isVoid(_ name: String, _ sample: SampleFacts) -> Bool {
    let void: Set<String> = [
      "void", "ignore", "ignored", "unlabeled", "unlabelled", "unknown", "undefined", "unlabel",
    ]
    return void.contains(name.lowercased()) && !sample.classes.contains(name)
  }

  private static func noClass(_ names: [String], _ sample: SampleFacts) -> String {
    let missing =
      sample.classes.isEmpty
      ? "" : ", and \(names.count == 1 ? "isn't" : "aren't") asked for in \(sample.table.name)"
    return names.map { "“\($0)”" }.joined(separator: ", ")
      + (names.count == 1 ? " is no class" : " are no classes") + missing
  }
}

extension String {
  /// With zeros in front.
  fileprivate func padded(to count: Int) -> String {
    String(repeating: "0", count: max(0, count - self.count)) + self
  }
}
