// What a record tells of the machine and of the libraries: facts for the reader of a page, none of them part
// of a fingerprint.

import Foundation

/// The machine that a stage runs on.
package enum Host {
  /// What is known, in words; what can't be found out is left out.
  static func facts() -> [String: String] {
    func text(_ path: String) -> String {
      (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
    var facts = ["cores": String(ProcessInfo.processInfo.activeProcessorCount), "swift": compiler]
    facts["cpu"] = value("model name", in: text("/proc/cpuinfo"), before: ":")
    facts["system"] = value("PRETTY_NAME", in: text("/etc/os-release"), before: "=")
    let memory = Double(ProcessInfo.processInfo.physicalMemory) / 1e9
    facts["memory"] = String(format: "%.1f GB", memory)
    let libraries = libraries(inMaps: text("/proc/self/maps"))
    if !libraries.isEmpty { facts["libraries"] = libraries.joined(separator: ", ") }
    return facts
  }

  /// The first line `key … value`.
  private static func value(_ key: String, in text: String, before sign: Character) -> String? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    let value = line?.split(separator: sign, maxSplits: 1).dropFirst().first
    return value.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"")) }
  }

  /// The libraries whose version may matter to a result, by their files' names, which hold the version:
  /// `libdnnl.so.2.6`, `libopenblasp-r0.3.21.so`.
  package static func libraries(inMaps maps: String) -> [String] {
    let known = ["libarchive", "libcurl", "libdnnl", "libopenblas", "libpng"]
    let names = maps.split(separator: "\n").compactMap { line -> String? in
      guard let path = line.firstIndex(of: "/") else { return nil }
      let name = line[path...].split(separator: "/").last.map { String($0) } ?? ""
      return known.contains(where: name.hasPrefix) && name.contains(".so") ? name : nil
    }
    return Set(names).sorted()
  }

  private static var compiler: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #elseif compiler(>=6.2)
      "6.2"
    #else
      "6.1"
    #endif
  }
}
