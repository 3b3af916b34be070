// The program behind the commands that need the engine: `work bench`, `work lr-find`, `work doctor`.
// `work` itself links no engine, so it starts this one, with an order, as it starts stages.

import Foundation
import Workbench

guard ProcessInfo.processInfo.environment["WORK_ORDER"] != nil else {
  try? FileHandle.standardError.write(
    contentsOf: Data("error: started by `work bench`, `work lr-find` and `work doctor`\n".utf8))
  exit(2)
}

await Stage.run { stage in
  switch stage.name {
  case "bench": try bench(stage)
  case "lr-find": try findLearningRate(stage)
  case "doctor": try examine(stage)
  default:
    throw StageFailure(
      "“\(stage.name)”: this workspace's sources know no such command; is `work` newer than they are?",
      exit: .badInput)
  }
}
