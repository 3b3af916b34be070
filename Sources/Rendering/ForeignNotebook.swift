// A notebook from elsewhere, read as cells: a percent script as jupytext writes it, or an .ipynb file. What
// becomes of the cells is not known here.

public import Foundation

/// The cells of a notebook that some other tool wrote. Outputs are left behind.
public struct ForeignNotebook: Sendable, Equatable {
  /// The language of its code.
  public enum Language: String, Sendable {
    case swift, python

    /// What begins a comment.
    var comment: String { self == .swift ? "//" : "#" }
    /// How a script's file name ends.
    public var fileExtension: String { self == .swift ? "swift" : "py" }
  }

  /// One cell.
  package struct Cell: Sendable, Equatable {
    package enum Kind: Sendable { case code, prose }

    package var kind: Kind
    package var source: String
    package var title: String?
    /// Code that stands outside of the notebook's course: imports and helpers.
    package var isSetup = false
    /// Code that goes on with the cell before it.
    package var isContinued = false
  }

  /// The language of its code.
  public let language: Language
  /// The lines of a stage's header, where the notebook came from a stage; empty otherwise.
  package private(set) var header: [String] = []
  package private(set) var cells: [Cell] = []

  /// How many cells there are.
  public var count: Int { cells.count }

  /// Reads a notebook by its file's ending: .ipynb, .py or .swift.
  ///
  /// - Throws: `RenderingError` that says what is wrong with the file.
  public init(contentsOf url: URL) throws {
    let data: Data
    do { data = try Data(contentsOf: url) } catch {
      throw RenderingError(message: "\(url.path): can't be read (\(error.localizedDescription))")
    }
    let ending = url.pathExtension.lowercased()
    if ending == "ipynb" {
      try self.init(ipynb: data, name: url.path)
      return
    }
    let languages: [String: Language] = ["swift": .swift, "py": .python]
    guard let language = languages[ending] else {
      throw RenderingError(
        message: "\(url.path): can't be imported; .ipynb, and percent scripts in .py or .swift can")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw RenderingError(message: "\(url.path): not a text in UTF-8")
    }
    self.init(percent: text, language: language)
  }

  // MARK: Percent scripts

  /// Reads a percent script: cells begin at `# %%` (`// %%` in Swift), text at `# %% [markdown]`. Any text
  /// is accepted.
  package init(percent text: String, language: Language) {
    self.language = language
    var lines = text.replacingOccurrences(of: "\r\n", with: "\n")
      .split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }[...]
    if lines.first?.hasPrefix("#!") == true { lines = lines.dropFirst() }
    lines = lines.drop { $0.allSatisfy(\.isWhitespace) }
    readHeader(&lines)
    var mark = PercentMark()
    var open: [String] = []
    for line in lines {
      if let next = PercentMark(line, comment: language.comment) {
        add(open, mark)
        (mark, open) = (next, [])
      } else {
        open.append(line)
      }
    }
    add(open, mark)
  }

  /// Takes the YAML header off; its lines are kept where it is a stage's, not jupytext's own.
  private mutating func readHeader(_ lines: inout ArraySlice<String>) {
    let mark = language.comment
    func content(_ line: String) -> String? { Self.uncommented(line, mark) }
    guard let first = lines.first, content(first) == "---",
      let end = lines.dropFirst().firstIndex(where: { content($0) == "---" }),
      lines[..<end].allSatisfy({ content($0) != nil })
    else { return }
    takeHeader(lines[(lines.startIndex + 1)..<end].compactMap { content($0) })
    lines = lines[(end + 1)...]
  }

  private mutating func takeHeader(_ yaml: [String]) {
    // A section of another tool's header goes with the lines indented below it.
    var isOurs = false
    header = yaml.filter { line in
      if line.first?.isWhitespace == false, !line.hasPrefix("-"), !line.hasPrefix("#") {
        isOurs = StageScript.headerKeys.contains(String(line.prefix { $0 != ":" }))
      }
      return isOurs
    }
  }

  private mutating func add(_ lines: [String], _ mark: PercentMark) {
    switch mark.kind {
    case .code:
      add(.code, lines.joined(separator: "\n"), title: mark.title, isSetup: mark.isSetup)
    case .prose:
      var text = lines.map { Self.uncommented($0, language.comment) ?? $0 }
      // In Python, text may stand in a long string instead of in comments.
      let filled = text.indices.filter { !text[$0].allSatisfy(\.isWhitespace) }
      if let first = filled.first, let last = filled.last, first < last,
        text[first].hasPrefix("\"\"\""), text[last].hasSuffix("\"\"\"")
      {
        text[first].removeFirst(3)
        text[last].removeLast(3)
      }
      add(.prose, text.joined(separator: "\n"), title: nil)
    case .dropped: break
    }
  }

  private mutating func add(
    _ kind: Cell.Kind, _ source: String, title: String?, isSetup: Bool = false,
    isContinued: Bool = false
  ) {
    var lines = source.components(separatedBy: "\n")[...]
    let isBlank = { (line: String) in line.allSatisfy(\.isWhitespace) }
    lines = lines.drop(while: isBlank)
    while lines.last.map(isBlank) == true { lines.removeLast() }
    guard !lines.isEmpty else { return }
    cells.append(
      Cell(
        kind: kind, source: lines.joined(separator: "\n"), title: title, isSetup: isSetup,
        isContinued: isContinued))
  }

  private static func uncommented(_ line: String, _ mark: String) -> String? {
    guard line.hasPrefix(mark) else { return nil }
    let rest = line.dropFirst(mark.count)
    return String(rest.hasPrefix(" ") ? rest.dropFirst() : rest)
  }

  // MARK: .ipynb

  /// Reads a notebook of nbformat 4.
  ///
  /// - Throws: `RenderingError` where the file isn't one, is older, or is in a language without stages.
  package init(ipynb data: Data, name: String) throws {
    struct Version: Decodable { var nbformat: Int }
    let decoder = JSONDecoder()
    guard let version = try? decoder.decode(Version.self, from: data).nbformat else {
      throw RenderingError(message: "\(name): not a Jupyter notebook (no `nbformat` in it)")
    }
    guard version == 4 else {
      throw RenderingError(
        message: "\(name): a notebook of nbformat \(version); bring it to 4 with "
          + "`jupyter nbconvert --to notebook`, then import that")
    }
    let file: IPYNB
    do { file = try decoder.decode(IPYNB.self, from: data) } catch {
      throw RenderingError(message: "\(name): a damaged notebook (\(error))")
    }
    let word = file.metadata?.language_info?.name ?? file.metadata?.kernelspec?.language
    guard let language = Language(rawValue: word?.lowercased() ?? "python") else {
      throw RenderingError(
        message:
          "\(name): its code is in \(word ?? "?"); notebooks in Python and Swift can be imported")
    }
    self.language = language
    for (index, cell) in file.cells.enumerated() {
      let source = cell.source.text
      switch cell.cell_type {
      case "code":
        let role = cell.metadata?.work?.role
        add(
          .code, Self.withoutMagics(source, language), title: nil,
          isSetup: role == JupyterNotebook.Role.setup.rawValue
            || cell.metadata?.tags?.contains("setup") == true,
          isContinued: role == JupyterNotebook.Role.continued.rawValue)
      case "markdown": add(.prose, source, title: nil)
      case "raw" where index == 0:
        let lines = source.components(separatedBy: "\n")
        if lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") {
          takeHeader(Array(lines[1..<end]))
        }
      default: break
      }
    }
  }

  /// Commands of the notebook's kernel (`%matplotlib inline`, `!pip …`), which mean nothing in a script, as
  /// comments.
  private static func withoutMagics(_ source: String, _ language: Language) -> String {
    source.components(separatedBy: "\n").map { line in
      let text = line.drop { $0 == " " || $0 == "\t" }
      let second = text.dropFirst().first
      let isMagic =
        (text.hasPrefix("%") && (second?.isLetter == true || second == "%"))
        || (text.hasPrefix("!") && second?.isLetter == true && language == .python)
      return isMagic ? "\(language.comment) \(line)" : line
    }.joined(separator: "\n")
  }

  // The names are nbformat's.
  private struct IPYNB: Decodable {
    struct Metadata: Decodable {
      struct LanguageInfo: Decodable { var name: String? }
      struct KernelSpec: Decodable { var language: String? }
      var language_info: LanguageInfo?
      var kernelspec: KernelSpec?
    }
    struct CellMetadata: Decodable {
      struct Work: Decodable { var role: String? }
      var tags: [String]?
      var work: Work?
    }
    struct Cell: Decodable {
      var cell_type: String
      var metadata: CellMetadata?
      var source: Source
    }
    /// A text, or its lines.
    struct Source: Decodable {
      var text: String
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        text =
          try (try? container.decode(String.self)) ?? container.decode([String].self).joined()
      }
    }
    var metadata: Metadata?
    var cells: [Cell]
  }
}

/// The line that begins a cell of a percent script, as in `# %% Title [markdown] tags=["setup"]`.
private struct PercentMark {
  enum Kind { case code, prose, dropped }

  var kind = Kind.code
  var title: String?
  var isSetup = false

  /// What stands before the first mark is code.
  init() {}

  init?(_ line: String, comment: String) {
    let text = line.drop { $0 == " " || $0 == "\t" }
    guard text.hasPrefix(comment) else { return nil }
    let content = text.dropFirst(comment.count).drop { $0 == " " }
    guard content.hasPrefix("%%") else { return nil }
    // `%%time` is a command of IPython's, `%%%` a cell below another.
    var rest = content.drop { $0 == "%" }
    guard rest.first?.isWhitespace ?? true else { return nil }
    if let metadata = rest.range(of: #"\b[A-Za-z_.]+="#, options: .regularExpression) {
      isSetup =
        rest[metadata.lowerBound...].range(
          of: #"tags=\[[^\]]*"setup""#, options: .regularExpression) != nil
      rest = rest[..<metadata.lowerBound]
    }
    if let type = rest.range(of: #"\[(markdown|md|raw|code)\]"#, options: .regularExpression) {
      switch rest[type] {
      case "[markdown]", "[md]": kind = .prose
      case "[raw]": kind = .dropped
      default: break
      }
      rest.removeSubrange(type)
    }
    let name = rest.trimmingCharacters(in: .whitespaces)
    title = name.isEmpty ? nil : name
  }
}
