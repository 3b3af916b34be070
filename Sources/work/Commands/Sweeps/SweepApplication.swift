// Writes a setting of a sweep into params.yaml, where nothing else changes by it.

import Basics
import Foundation
import Pipeline
import Survey

/// A setting that is to be what params.yaml says.
struct SweepApplication {
  private let sweep: Sweep
  private let setting: Sweep.Setting

  init(_ sweep: Sweep, _ setting: Sweep.Setting) { (self.sweep, self.setting) = (sweep, setting) }

  /// Writes the setting's values.
  ///
  /// - Returns: what was written, "key: value".
  /// - Throws: `PipelineError` or `InputError` where the file's layout isn't understood, or a preset hides what is
  ///   written; the file is then as it was.
  func write(_ workspace: Workspace) throws -> [String] {
    let url = workspace.parametersFile
    let wanted = try Runner(workspace: workspace, overrides: sweep.overrides(setting)).parameters
    let present = try Runner(workspace: workspace).parameters
    var text = ParameterText(try String(contentsOf: url, encoding: .utf8))
    var written: [String] = []
    for override in sweep.overrides(setting) {
      let key = String(override.prefix { $0 != "=" })
      guard let value = wanted[key], value != present[key] else { continue }
      let parts = key.split(separator: ".").map(String.init)
      if parts.count == 1 {
        text.set(key, to: value.canonical)
      } else {
        // Deeper than two levels, the value around it is written as a whole.
        let whole = parts.count == 2 ? value : wanted["\(parts[0]).\(parts[1])"] ?? value
        try text.set(parts[0], parts[1], to: whole.canonical, reason: nil)
      }
      written.append("\(key): \(value.canonical)")
    }
    guard !written.isEmpty else { return [] }
    // What the file says then has to be what the setting was.
    let new = try Parameters(yaml: text.text, name: url.lastPathComponent)
    let file = try Parameters(contentsOf: url)
    var expected = file
    for override in sweep.overrides(setting) { try expected.override(override) }
    guard new.root == expected.root else {
      throw PipelineError(
        "\(url.path): its layout isn't understood, so nothing is written; set by hand: "
          + written.joined(separator: ", "))
    }
    if let preset = new["preset"]?.plainText, preset != "null", wanted.preset?.name == preset,
      let hidden = wanted.preset?.values.keys.first(where: { key in
        sweep.keys.contains { $0 == key || $0.hasPrefix(key + ".") }
      })
    {
      throw PipelineError(
        "\(url.path): names the preset \(preset), whose \(hidden) would hide what is written, so nothing is; set it in "
          + "presets/\(preset).yaml, or set preset to null")
    }
    try WholeFile.write(text.text, to: url)
    return written
  }
}
