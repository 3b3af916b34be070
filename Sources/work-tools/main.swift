// The tools: what `work bench`, `lr-find` and `doctor` need the engine for, and `work blend` and `work export --onnx`
// the stages' view of images, scores and models. `work` links neither, so it builds this program and starts it with an
// order, as it does with stages. A tool hands back a report (module ToolReports), and has no place in the graph.

import Foundation
import Workbench

guard ProcessInfo.processInfo.environment["WORK_ORDER"] != nil else {
  try? FileHandle.standardError.write(
    contentsOf: Data(
      "error: this program is started by `work bench`, `blend`, `export`, `lr-find` and `doctor`\n"
        .utf8))
  exit(2)
}

await Stage.run { stage in
  switch stage.name {
  case "bench": try bench(stage)
  case "blend": try blend(stage)
  case "onnx": try exportONNX(stage)
  case "lr-find": try findLearningRate(stage)
  case "doctor": try examine(stage)
  default:
    throw StageFailure(
      "“\(stage.name)”: this workspace's sources know no such command; is `work` newer than they are?",
      exit: .badInput)
  }
}
