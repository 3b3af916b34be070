// The rows of a sample submission: which image, and which class, each of them stands for.

public import Basics
import Workbench

/// What the rows of a submission are to be.
public struct SampleRows: Sendable, Equatable {
  /// One row.
  public struct Row: Sendable, Equatable {
    /// The id as the sample has it.
    public var name: String
    /// The image.
    public var image: String
    /// The class's number; 0 where there is one class.
    public var classIndex: Int
  }

  /// The sample's columns.
  public let columns: [String]
  /// In the order of the sample; an image of instances stands once.
  public let rows: [Row]

  /// The images, each once, in the order of the sample.
  public var images: [String] {
    var seen: Set<String> = []
    return rows.map(\.image).filter { seen.insert($0).inserted }
  }

  /// - Throws: `InputError` where the sample has other columns than params.yaml says, `StageFailure` for a
  ///   row that is no image and class.
  public init(_ sample: CSV, of competition: Competition) throws {
    let columns = competition.columns
    let layout = competition.rows
    let names = try sample.column(columns.id)
    let expected = [columns.id, columns.submitted] + (columns.class.map { [$0] } ?? [])
    guard sample.columns.contains(columns.submitted), sample.columns.allSatisfy(expected.contains)
    else {
      throw InputError(
        "\(sample.name): has the columns \(sample.columnNames), but "
          + "\(expected.dropLast().joined(separator: ", ")) and \(expected.last ?? "") are expected "
          + "(competition.columns in params.yaml)")
    }
    self.columns = sample.columns
    let classes = try columns.class.flatMap {
      sample.columns.contains($0) ? try sample.column($0) : nil
    }
    var rows: [Row] = []
    var seen: Set<String> = []
    var seenClasses: Set<[String]> = []
    for (index, name) in names.enumerated() {
      func fail(_ problem: String) -> StageFailure {
        StageFailure("\(sample.name):\(sample.lines[index]): \(problem)", exit: .badInput)
      }
      switch layout.rows {
      case .image:
        guard seen.insert(name).inserted else { throw fail("“\(name)” appears twice") }
        rows.append(Row(name: name, image: name, classIndex: 0))
      case .instance:
        if seen.insert(name).inserted { rows.append(Row(name: name, image: name, classIndex: 0)) }
      case .imageClass:
        if let classes {
          guard let found = competition.classNames.firstIndex(of: classes[index]) else {
            throw fail("“\(classes[index])” is not among competition.classes.names")
          }
          rows.append(Row(name: name, image: name, classIndex: found))
        } else if let parts = layout.parts(of: name, classes: competition.classNames) {
          rows.append(Row(name: name, image: parts.id, classIndex: parts.classIndex))
        } else {
          throw fail(
            "“\(name)” isn't an image and class as competition.submission.row says "
              + "(\(layout.row ?? "no row is set")) with competition.classes.names "
              + competition.classNames.joined(separator: ", "))
        }
      }
      if layout.rows == .imageClass, let row = rows.last {
        guard seenClasses.insert([row.image, "\(row.classIndex)"]).inserted else {
          throw fail("“\(name)” appears twice with the same class")
        }
      }
    }
    self.rows = rows
  }

  /// The rows of images that are all labelled, as a sample of them would have.
  init(ids: [String], of competition: Competition) {
    let (columns, layout) = (competition.columns, competition.rows)
    let hasClassColumn = layout.rows == .imageClass && layout.row == nil
    self.columns =
      [columns.id] + (hasClassColumn ? columns.class.map { [$0] } ?? [] : []) + [columns.submitted]
    rows = ids.flatMap { id -> [Row] in
      layout.rows == .imageClass
        ? competition.classNames.enumerated().map {
          Row(name: layout.name(id: id, class: $1), image: id, classIndex: $0)
        } : [Row(name: id, image: id, classIndex: 0)]
    }
  }
}
