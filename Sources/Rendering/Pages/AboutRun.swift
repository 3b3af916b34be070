// What stands at the end of a page about the run: parameters, machine, hashes, and the code around the cells.

import Basics
import Foundation
import Notebook

/// The facts of a run, as tables that fold.
struct AboutRun {
  let record: Record
  /// The script's code outside of all cells, as HTML.
  let setupHTML: String
  let templates: Templates

  func html() -> String {
    var html = parameters()
    let environment = record.header.environment.sorted { $0.key < $1.key }
    html += facts("Environment", environment.map { ["key": $0.key, "value": $0.value] })
    html += facts("Code and data", hashes())
    if !setupHTML.isEmpty {
      html +=
        "<details class=\"code facts\"><summary>Setup code</summary><pre><code>\(setupHTML)</code></pre></details>\n"
    }
    return html
  }

  private func facts(_ head: String, _ facts: [[String: Any]]) -> String {
    facts.isEmpty ? "" : templates.fill("facts", ["head": head, "facts": facts])
  }

  private func parameters() -> String {
    let parameters = Self.flattened(record.header.parameters)
    let overridden = record.header.overridden
    let keys = Set(parameters.map(\.key))
    // An override of a whole branch marks what lies below it.
    let facts = parameters.map { key, value -> [String: Any] in
      let isOverridden = overridden.contains { key == $0 || key.hasPrefix($0 + ".") }
      return ["key": key, "value": value, "isOverridden": isOverridden]
    }
    let others = overridden.filter { key in
      !keys.contains { $0 == key || $0.hasPrefix(key + ".") }
    }
    guard !facts.isEmpty || !others.isEmpty else { return "" }
    let changed = facts.filter { $0["isOverridden"] as? Bool == true }.count
    let counted = [
      "\(facts.count)", changed > 0 ? "\(changed) overridden" : "",
      others.isEmpty ? "" : "overridden too: " + others.joined(separator: ", "),
    ].filter { !$0.isEmpty }.joined(separator: ", ")
    return templates.fill(
      "facts",
      ["head": "Parameters", "count": counted, "facts": facts, "isOpen": !overridden.isEmpty])
  }

  /// What the outputs are a function of, beside the parameters.
  private func hashes() -> [[String: Any]] {
    let header = record.header
    let all = [("all of it", header.fingerprint ?? "")].filter { !$0.1.isEmpty }
    let code = (header.code ?? [:]).sorted { $0.key < $1.key }.map { ("code: \($0.key)", $0.value) }
    let data = (header.data ?? [:]).sorted { $0.key < $1.key }.map { ("data: \($0.key)", $0.value) }
    return (code + data + all).map { ["key": $0.0, "value": $0.1] }
  }

  /// Parameters as rows of dotted keys, in order of the keys; lists are set as JSON.
  static func flattened(_ value: JSONValue, below path: String = "") -> [(
    key: String, value: String
  )] {
    if case .object(let members) = value, !members.isEmpty {
      return members.sorted { $0.key < $1.key }.flatMap {
        flattened($0.value, below: path.isEmpty ? $0.key : "\(path).\($0.key)")
      }
    }
    if path.isEmpty { return [] }
    return [(path, text(value))]
  }

  private static func text(_ value: JSONValue) -> String {
    if case .string(let text) = value, !text.isEmpty { return text }
    let json = try? JSONEncoder.ofRecords().encode(value)
    return json.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
