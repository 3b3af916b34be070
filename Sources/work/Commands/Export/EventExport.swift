// `work export --tensorboard`: runs as event files.

import Basics
import Foundation
import Notebook
import Pipeline
import Rendering

extension ExportCommand {
  func writeEvents() throws {
    let workspace = try workspace.find()
    let history = RunHistory(workspace)
    let ids = try runs(history)
    let folder = URL(fileURLWithPath: to ?? "tensorboard", isDirectory: true)
    var written = 0
    for id in ids {
      for (instance, executed) in history.executedRecords(of: id) {
        let record: Record
        do { record = try Record(contentsOf: executed) } catch {
          Console.warning("\(executed.path): left out, since it can't be read: \(error)")
          continue
        }
        guard let events = record.eventFile(group: id) else { continue }
        let place = folder.appendingPathComponent("\(id)/\(instance)", isDirectory: true)
        let file = place.appendingPathComponent(
          "events.out.tfevents.\(Self.seconds(record.header.startedAt)).work")
        try WholeFile.makeFolder(place)
        try WholeFile.write(events, to: file)
        written += 1
      }
    }
    guard written > 0 else {
      throw PipelineError(
        "no run has metrics by step or pictures yet; `work run train` makes some")
    }
    if output.json {
      try Console.json(["folder": folder.path, "files": "\(written)"])
    } else {
      print(folder.path)
      if !output.quiet {
        print("\(written) files; look at them: tensorboard --logdir \(folder.path)")
      }
    }
  }

  /// Since 1970; a record may say anything.
  private static func seconds(_ time: Date) -> Int {
    let seconds = time.timeIntervalSince1970
    return seconds.isFinite ? Int(max(0, min(1e12, seconds))) : 0
  }
}
