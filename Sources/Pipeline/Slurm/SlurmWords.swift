// What Slurm's refusals and the ends of jobs mean, in words for people.

import Basics
import Foundation

enum SlurmWords {
  /// Why sbatch took no job, and what to do about it.
  static func refusal(of instance: String, _ answer: SlurmCommands.Answer) -> PipelineError {
    let text = answer.text.lowercased()
    func has(_ words: String...) -> Bool { words.contains { text.contains($0) } }
    let hints: [(Bool, String)] = [
      (
        has("partition"), "set runtime.slurm.partition in params.yaml; `sinfo` lists the partitions"
      ),
      (has("account", "association"), "set runtime.slurm.account in params.yaml"),
      (
        has("node configuration", "memory specification", "cpu count", "more processors"),
        "no node has so much: lower runtime.slurm.cpus or runtime.slurm.memory in params.yaml; `sinfo -o '%n %c %m'` "
          + "lists what nodes have"
      ),
      (
        has("time limit", "--time"),
        "set runtime.slurm.time in params.yaml; `sinfo` lists the partitions' limits"
      ),
      (
        has("option", "qos", "constraint", "feature"),
        "look at runtime.slurm.options in params.yaml"
      ),
    ]
    let hint = hints.first(where: \.0)?.1
    return PipelineError(
      "\(instance): sbatch refuses the job: \(answer.words); "
        + (hint ?? "`scontrol ping` tells whether the cluster's controller is up; then run again"),
      exit: hint == nil ? .failed : .badInput)
  }

  /// Why a job ended without a result.
  ///
  /// - Parameter state: nil where the queue no longer knows it.
  static func end(_ state: SlurmJobState?, _ launch: Launch, _ slurm: SlurmExecutor) -> String {
    guard let state else {
      return "its job is gone from the queue and hasn't said how it ended; "
        + "`sacct` may know, and running again goes on from the last checkpoint"
    }
    let node = state.node.isEmpty ? "" : " on \(state.node)"
    switch state.name {
    case "CANCELLED": return "its job was cancelled\(node)"
    case "OUT_OF_MEMORY":
      let asked = slurm.megabytes(launch).map { " that it asked for (\($0) MB)" } ?? ""
      return
        "its job ran out of the memory\(asked)\(node); set runtime.slurm.memory in params.yaml to more, such as "
        + "\(max(2, (slurm.megabytes(launch) ?? 1024) / 512))G, and run again"
    case "TIMEOUT":
      return
        "its job reached its time limit\(slurm.settings.time.map { " (\($0))" } ?? "")\(node); set "
        + "runtime.slurm.time in params.yaml to more, and run again, which goes on from the last checkpoint"
    case "NODE_FAIL", "BOOT_FAIL":
      return "its node failed\(node), again and again; run again when the cluster is well"
    case "PREEMPTED":
      return
        "its job was preempted\(node), again and again; run again, which goes on from the last checkpoint"
    case "DEADLINE": return "its job missed its deadline (runtime.slurm.options)"
    default:
      return
        "its job ended\(node) (\(state.name)) and left no word in \(slurm.workspace.jobs.path): the workspace "
        + "has to lie in a folder that all nodes share; what the job printed is in its log"
    }
  }
}
