// The sample submission: which rows it wants, and how they name images and classes.

import Basics
import Foundation

/// What a row of a submission is of.
public enum SubmissionRows: String, Sendable {
  case image
  case imageClass = "image-class"
  case instance
}

/// What is known of the sample submission, given the test images' ids.
struct SampleFacts: Sendable {
  var table: ServedTable
  var id: Int
  var mask: Int?
  /// The column of the class, where it has one of its own.
  var classColumn: Int?
  var rows: SubmissionRows
  /// How an id is made of image and class, as in "{id}_{class}"; nil where it is an image's.
  var row: String?
  /// The classes that are wanted, in the order of their first rows; empty for rows an image.
  var classes: [String]
  /// The share of the test images that it names.
  var share: Double
  /// Whether it has several rows of an image without a class: objects.
  var repeats = false

  /// The table that is a sample by its name.
  static func named(among tables: [ServedTable]) -> ServedTable? {
    let named = tables.filter {
      let name = $0.name.lowercased()
      return name.contains("sample") || name.contains("submission")
    }
    return named.first { $0.name.lowercased().contains("sample") } ?? named.first
  }

  /// The sample: the table that is called so or, where none is, one that names all test images and nothing
  /// else.
  static func find(among tables: [ServedTable], ids: Set<String>) -> SampleFacts? {
    if let named = named(among: tables) { return SampleFacts(named, ids: ids) }
    return tables.lazy.compactMap { SampleFacts($0, ids: ids) }.first {
      $0.share == 1 && ($0.row != nil || $0.table.column(at: $0.id).allSatisfy(ids.contains))
    }
  }

  /// How a sample's rows name images; nil where they don't.
  init?(_ table: ServedTable, ids: Set<String>) {
    self.table = table
    guard !ids.isEmpty else { return nil }
    if let (id, _) = table.idColumn(among: ids) {
      self.id = id
      let named = table.column(at: id)
      share = Double(Set(named).intersection(ids).count) / Double(ids.count)
      mask = table.runLengthColumn(besides: id)
      let classColumn = table.classColumn(besides: [id, mask ?? id], id: id)
      self.classColumn = Set(named).count < named.count ? classColumn : nil
      repeats = self.classColumn == nil && Set(named).count < named.count
      rows = self.classColumn == nil ? .image : .imageClass
      classes = self.classColumn.map { Self.inOrder(table.column(at: $0)) } ?? []
      row = nil
      return
    }
    for id in table.csv.columns.indices {
      guard let (row, found, classes) = Self.parts(table.column(at: id), ids) else { continue }
      self.id = id
      self.row = row
      self.classes = classes
      share = Double(found) / Double(ids.count)
      mask = table.runLengthColumn(besides: id)
      classColumn = nil
      rows = .imageClass
      return
    }
    return nil
  }

  /// Ids that are an image's, a separator and a class.
  private static func parts(_ names: [String], _ ids: Set<String>) -> (String, Int, [String])? {
    var classes: [String] = []
    var images: Set<Substring> = []
    var separators: Set<Character> = []
    for name in names {
      let cuts = name.indices.filter { "_-. /:|".contains(name[$0]) }
      guard let cut = cuts.last(where: { ids.contains(String(name[..<$0])) }) else { return nil }
      images.insert(name[..<cut])
      separators.insert(name[cut])
      classes.append(String(name[name.index(after: cut)...]))
    }
    let distinct = inOrder(classes)
    guard separators.count == 1, let separator = separators.first, distinct.count <= 1024,
      images.count * distinct.count == names.count
    else { return nil }
    return ("{id}\(separator){class}", images.count, distinct)
  }

  private static func inOrder(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// The text of a mask that is empty, where all rows hold the same that is no run; nil where they are blank
  /// or hold runs.
  var emptyToken: String? {
    guard let mask else { return nil }
    let texts = Set(table.column(at: mask))
    guard texts.count == 1, let text = texts.first, !text.isEmpty, !RunLengthLook.hasRuns(text)
    else {
      return nil
    }
    return text
  }
}
