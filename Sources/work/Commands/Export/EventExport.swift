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
      for (instance, record) in history.executedRecords(of: id) {
        guard let record = try? Record(contentsOf: record), let events = record.eventFile(group: id)
        else { continue }
        let place = folder.appendingPathComponent("\(id)/\(instance)", isDirectory: true)
        let file = place.appendingPathComponent(
          "events.out.tfevents.\(Int(record.header.startedAt.timeIntervalSince1970)).work")
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
}
