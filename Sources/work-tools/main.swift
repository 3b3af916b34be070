// The tools: what `work bench`, `work lr-find` and `work doctor` need the engine for, and `work blend` the stages' view of
// images and scores. `work` links neither, so it builds this program and starts it with an order, as it does with stages. A tool hands back
// a report (module ToolReports), and has no place in the graph.

import Foundation
import Workbench

guard ProcessInfo.processInfo.environment["WORK_ORDER"] != nil else {
  try? FileHandle.standardError.write(
    contentsOf: Data(
      "error: this program is started by `work bench`, `blend`, `lr-find` and `doctor`\n".utf8))
  exit(2)
}

await Stage.run { stage in
  switch stage.name {
  case "bench": try bench(stage)
  case "blend": try blend(stage)
  case "lr-find": try findLearningRate(stage)
  case "doctor": try examine(stage)
  default:
    throw StageFailure(
      "“\(stage.name)”: this workspace's sources know no such command; is `work` newer than they are?",
      exit: .badInput)
  }
}
