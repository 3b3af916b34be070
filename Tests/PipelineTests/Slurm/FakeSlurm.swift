// A Slurm of shell scripts: sbatch starts a job at once on this machine, or leaves it in the queue; squeue tells what
// files say. Tests set these files to whatever a cluster may come to.

import Basics
import Foundation
import Pipeline
import TestSupport

/// Slurm's commands in a folder of their own. What jobs run ends with the value.
final class FakeSlurm: Sendable {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (name, text) in Self.programs {
      try folder.writeProgram("#!/bin/bash\nhere=$(dirname \"$0\")\n" + text, to: name)
    }
  }

  deinit {
    for job in 1...20 { kill(job) }
  }

  /// What runs are told of it.
  func runtime(_ more: JSONValue.Member...) -> [JSONValue.Member] {
    [
      .init("executor", .string("slurm")), .init("jobs", .int(0)),
      .init(
        "slurm",
        .object(
          [
            .init("commands", .string(folder.url.path)), .init("poll_seconds", .double(0.05)),
            .init("cpus", .int(3)),
          ] + more)),
    ]
  }

  private static let programs = [
    "sbatch": #"""
    if [ -e "$here/refuse" ]; then cat "$here/refuse" >&2; exit 1; fi
    id=1
    until mkdir "$here/$id" 2>/dev/null; do id=$((id + 1)); done
    job=$here/$id
    printf '%s\n' "$@" >"$job/arguments"
    env >"$job/environment"
    for word; do
      case $word in
      --comment=*) echo "${word#*=}" >"$job/comment" ;;
      --output=*) echo "${word#*=}" >"$job/output" ;;
      esac
    done
    cp "$word" "$job/script"
    if [ -e "$here/held" ]; then echo PENDING >"$job/state"; else
      echo RUNNING >"$job/state"
      setsid "$here/start" "$id" 0 </dev/null >/dev/null 2>&1 &
      # Who called this kills what it leaves in its group.
      until [ -e "$job/group" ]; do sleep 0.01; done
    fi
    echo "sbatch: a word of the cluster's" >&2
    echo "$id;fake"
    """#,
    "start": #"""
    job=$here/$1
    echo $$ >"$job/group"
    echo RUNNING >"$job/state"
    export SLURM_JOB_ID=$1 SLURM_RESTART_COUNT=$2 SLURMD_NODENAME=node$2
    bash "$job/script" >>"$(cat "$job/output")" 2>&1 &
    echo $! >"$job/shell"
    wait $!
    code=$?
    if [ "$(cat "$job/group")" = $$ ] && [ "$(cat "$job/state")" = RUNNING ]; then
      if [ $code = 0 ]; then echo COMPLETED; else echo FAILED; fi >"$job/state.new"
      mv "$job/state.new" "$job/state"
    fi
    """#,
    "squeue": #"""
    if [ -e "$here/down" ]; then echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; exit 1; fi
    echo "a line that nobody expects"
    for job in "$here"/[0-9]*; do
      [ -e "$job/state" ] || continue
      node=
      [ "$(cat "$job/state")" = PENDING ] || node=fake1
      echo "$(basename "$job")|$(cat "$job/state")|$(cat "$job/reason" 2>/dev/null || echo None)|$node|$(cat "$job/comment")"
    done
    """#,
    "scancel": #"""
    job=$here/$1
    [ -e "$job/state" ] || { echo "scancel: error: Invalid job id $1" >&2; exit 1; }
    echo CANCELLED >"$job/state"
    [ -e "$job/group" ] || exit 0
    session=$(cat "$job/group")
    kill -TERM -- "-$session"
    # A job has ended only when all that it has started is gone: a shell whose child ends just then misses the signal.
    for try in $(seq 40); do
      left=
      for process in /proc/[0-9]*; do
        { read -r line <"$process/stat"; } 2>/dev/null || continue
        set -- ${line##*) }
        if [ "$4" = "$session" ] && [ "$1" != Z ]; then left="$left ${process#/proc/}"; fi
      done
      [ -n "$left" ] || exit 0
      sleep 0.05
    done
    kill -KILL $left 2>/dev/null
    exit 0
    """#,
    "scontrol": #"""
    job=$here/$2
    [ "$1" = requeue ] && [ ! -e "$here/no-requeue" ] || exit 1
    restarts=$(($(cat "$job/restarts" 2>/dev/null || echo 0) + 1))
    echo $restarts >"$job/restarts"
    old=$(cat "$job/group")
    echo PENDING >"$job/state"
    setsid bash -c 'sleep 0.1; kill -KILL -- "-$1"; exec "$2" "$3" "$4"' - \
      "$old" "$here/start" "$2" "$restarts" </dev/null >/dev/null 2>&1 &
    exit 0
    """#,
  ]

  func file(_ path: String) -> URL { folder.url.appendingPathComponent(path) }
  func read(_ path: String) -> String? { try? String(contentsOf: file(path), encoding: .utf8) }
  func state(_ job: Int) -> String? { read("\(job)/state")?.trimmingCharacters(in: .newlines) }

  /// How many jobs were submitted.
  var count: Int { (1...20).filter { read("\($0)/state") != nil }.count }

  /// Has squeue say something of a job; nil: that there is none.
  func set(_ job: Int, _ state: String?) throws {
    if let state {
      try folder.write(state + "\n", to: "\(job)/new")
      guard rename(file("\(job)/new").path, file("\(job)/state").path) == 0 else {
        throw CocoaError(.fileWriteUnknown)
      }
    } else {
      try FileManager.default.removeItem(at: file("\(job)/state"))
    }
  }

  /// Sends a signal to the shell of a job's script, as the option --signal=B: asks for.
  func signal(_ job: Int, _ signal: Int32) {
    if let shell = read("\(job)/shell").flatMap({ pid_t($0.trimmingCharacters(in: .newlines)) }) {
      Foundation.kill(shell, signal)
    }
  }

  /// Kills all that a job has started, as a node that fails.
  func kill(_ job: Int) {
    guard let group = read("\(job)/group").flatMap({ pid_t($0.trimmingCharacters(in: .newlines)) })
    else { return }
    // The script gives groups of their own to what it starts; the session is one.
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for process in processes.compactMap({ pid_t($0) }) where getsid(process) == group {
      Foundation.kill(process, SIGKILL)
    }
  }
}

/// Waits until something holds, a quarter of a minute at most; says whether it does.
func comesTrue(_ condition: () -> Bool) -> Bool {
  for _ in 0..<1500 {
    if condition() { return true }
    usleep(10_000)
  }
  return condition()
}
