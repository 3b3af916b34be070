// A notebook from elsewhere, read as cells: a percent script as jupytext writes it, or an .ipynb file. What
// becomes of the cells is not known here.

import Basics
public import Foundation

/// The cells of a notebook that some other tool wrote. Outputs are left behind.
public struct ForeignNotebook: Sendable, Equatable {
  /// One cell.
  package struct Cell: Sendable, Equatable {
    package enum Kind: Sendable { case code, prose }

    package var kind: Kind
    package var source: String
    package var title: String?
    /// Code that stands outside of the notebook's course: imports and helpers.
    package var isSetup = false
    /// Code that continues the cell before it.
    package var isContinued = false
  }

  /// The language of its code.
  public let language: ScriptLanguage
  /// The lines of a stage's header, where the notebook came from a stage; empty otherwise.
  package private(set) var header: [String] = []
  package private(set) var cells: [Cell] = []

  /// How many cells there are.
  public var count: Int { cells.count }

  /// Whether it was made of a stage, whose header it has.
  public var isStage: Bool { !header.isEmpty }

  /// Reads a notebook by its file's ending: .ipynb, .py or .swift.
  ///
  /// - Throws: `ImportError` that says what is wrong with the file.
  public init(contentsOf url: URL) throws {
    let name = url.relativePath
    func failure(_ problem: String) -> ImportError { ImportError(message: "\(name): \(problem)") }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw failure("there is no such file")
    }
    guard !isFolder.boolValue else { throw failure("is a folder") }
    let languages: [String: ScriptLanguage] = ["swift": .swift, "py": .python]
    let ending = url.pathExtension.lowercased()
    guard ending == "ipynb" || languages[ending] != nil else {
      throw failure("can't be imported; .ipynb, and percent scripts in .py or .swift can")
    }
    let data: Data
    do { data = try Data(contentsOf: url) } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError
      throw failure(
        "can't be read" + (cause.map { " (\(systemMessage($0.code.rawValue)))" } ?? ""))
    }
    guard let language = languages[ending] else {
      try self.init(ipynb: data, name: name)
      return
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw failure("not a text in UTF-8")
    }
    self.init(percent: text, language: language)
  }

  // MARK: Percent scripts

  /// Reads a percent script: cells begin at `# %%` (`// %%` in Swift), text at `# %% [markdown]`. Any text
  /// is accepted.
  package init(percent text: String, language: ScriptLanguage) {
    self.language = language
    // A byte order mark, as some editors set it, is no part of the first line.
    let text =
      (text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text)
      .replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
    var lines = ScriptHeader.lines(of: text).map { String($0) }[...]
    if lines.first?.hasPrefix("#!") == true { lines = lines.dropFirst() }
    // In the first two lines, says Python; the script that is made of this one is in UTF-8.
    let coding = #"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+"#
    if language == .python, lines.startIndex < 2,
      lines.first?.range(of: coding, options: .regularExpression) != nil
    {
      lines = lines.dropFirst()
    }
    if let header = try? ScriptHeader(Array(lines), language) {
      takeHeader(header.yaml)
      lines = lines.dropFirst(header.lines.upperBound)
    }
    for cell in PercentCell.all(in: Array(lines), language) {
      add(cell.lines, cell.mark ?? PercentMark())
    }
  }

  /// Takes over the header's lines that are a stage's, not jupytext's own.
  private mutating func takeHeader(_ yaml: [String]) {
    let yaml = yaml.flatMap {
      $0.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    }
    // A section of another tool's header goes with the lines that belong to its key, and comments with the
    // section below them.
    var isOurs = false
    var comments: [String] = []
    header = []
    for line in yaml {
      if line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) {
        comments.append(line)
        continue
      }
      if line.range(of: #"^["']?[A-Za-z_][\w.-]*["']?\s*:(\s|$)"#, options: .regularExpression)
        != nil
      {
        let key = line.prefix { $0 != ":" }.trimmingCharacters(in: [" ", "\"", "'"])
        isOurs = ScriptHeader.keys.contains(key)
      }
      if isOurs { header += comments + [line] }
      comments = []
    }
    if isOurs { header += comments }
  }

  private mutating func add(_ lines: [String], _ mark: PercentMark) {
    switch mark.kind {
    case .code:
      add(.code, lines.joined(separator: "\n"), title: mark.title, isSetup: mark.isSetup)
    case .raw: addRaw(lines.map { Self.uncommented($0, language.comment) ?? $0 })
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
    }
  }

  /// Text that is neither prose nor code, as prose that shows it unchanged.
  private mutating func addRaw(_ lines: [String]) {
    let isBlank = { (line: String) in line.allSatisfy(\.isWhitespace) }
    guard let first = lines.firstIndex(where: { !isBlank($0) }),
      let last = lines.lastIndex(where: { !isBlank($0) })
    else { return }
    let lines = lines[first...last]
    let longest = lines.map { line in
      line.split { $0 != "`" }.map(\.count).max() ?? 0
    }
    let fence = String(repeating: "`", count: max(3, (longest.max() ?? 0) + 1))
    add(.prose, ([fence] + lines + [fence]).joined(separator: "\n"), title: nil)
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

  private static func withoutSpaceAtEnd(_ line: String) -> String {
    var line = line
    while line.last?.isWhitespace == true { line.removeLast() }
    return line
  }

  // MARK: .ipynb

  /// Reads a notebook of nbformat 4.
  ///
  /// - Throws: `ImportError` where the file isn't one, is older, or is in a language without stages.
  package init(ipynb data: Data, name: String) throws {
    let file = try NotebookFile(data, name: name)
    let word = file.metadata?.language_info?.name ?? file.metadata?.kernelspec?.language
    guard let language = ScriptLanguage(rawValue: word?.lowercased() ?? "python") else {
      throw ImportError(
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
          .code, KernelCommands.commented(source, language), title: nil,
          isSetup: role == CellRole.setup.rawValue
            || cell.metadata?.tags?.contains("setup") == true,
          isContinued: role == CellRole.continued.rawValue)
      case "raw":
        let lines = source.components(separatedBy: "\n")
        let yaml = lines.map(Self.withoutSpaceAtEnd)
        if index == 0, yaml.first == "---", let end = yaml.dropFirst().firstIndex(of: "---") {
          takeHeader(Array(yaml[1..<end]))
        }
        if index > 0 || header.isEmpty { addRaw(lines) }
      default: add(.prose, source, title: nil)
      }
    }
  }
}
