// The script of a job: starts an instance's program with its order, has it keep a checkpoint when the job's time is
// over, and writes down how it ended. It holds no credentials: those that a stage asks for go by the job's
// environment.

import Basics
import Foundation

/// The text of a job's script, for bash.
struct JobScript {
  let folder: JobFolder
  let launch: Launch
  /// The program's current folder.
  let root: URL
  /// Where `scontrol` is; nil where it isn't known.
  let scontrol: String?

  /// A job that asks to be started again more often gets nowhere.
  private static let mostRestarts = 200

  var text: String {
    let name = folder.instance
    let files = folder.files
    func word(_ text: String) -> String { "'" + text.replacingExactly("'", with: "'\\''") + "'" }
    return """
      #!/bin/bash
      # Runs \(name.filter { !$0.isNewline }) as a job of Slurm. Written by `work run`; docs/clusters.md describes it.
      command=(\(launch.command.map(word).joined(separator: " ")))
      root=\(word(root.path))
      status=\(word(folder.status.path))
      asked=\(word(folder.asked.path))
      requests=\(word(files.requests(name).path))
      record=\(word(files.record(name).path))
      events=\(word(files.events(name).path))
      outputs=\(word(launch.outputs.path))
      scontrol=\(word(scontrol ?? "scontrol"))
      export WORK_ORDER=\(word(files.order(name).path))
      \(Self.body)
      """
  }

  private static let body = #"""

    if [ ! -r "$WORK_ORDER" ]; then
      echo "error: $WORK_ORDER isn't there on $(hostname): the workspace has to lie in a folder that all nodes share" >&2
      exit 2
    fi
    # A job whose node failed at its very end is started again, though there is nothing left to do.
    if [ -e "$status" ]; then exit "$(sed -n 's/^exit=//p' "$status")"; fi
    # What an earlier start of this job left: the program goes on from its checkpoint, and writes all else anew.
    if [ -e "$asked" ]; then rm -f -- "$requests/stop" "$asked"; fi
    rm -f -- "$record"
    if [ -s "$events" ] && [ -n "$(tail -c 1 "$events")" ]; then echo >>"$events"; fi
    rm -rf -- "$outputs" && mkdir -p -- "$outputs" && cd -- "$root" || exit 1

    # SIGUSR1: the time limit is near. SIGTERM: the job is cancelled, preempted or requeued. The program sees neither:
    # one that heeds requests keeps a checkpoint and ends. Another is interrupted, but may use up its time.
    ending=
    finish() {
      signalled=1
      if [ -d "$requests" ]; then
        ending=$1
        : >"$asked"
        : >"$requests/stop"
      elif [ "$1" = TERM ]; then
        ending=$1
        kill -INT -- "-$program" 2>/dev/null
        (sleep 5; kill -KILL -- "-$program") 2>/dev/null &
      fi
    }

    # The largest resident sets of the program and what it has started, as the kernel keeps them, in kilobytes.
    peak=0
    add() {
      local key value list child
      while read -r key value _; do
        if [ "$key" = VmHWM: ]; then total=$((total + value)); fi
      done <"/proc/$1/status" || return 0
      for list in "/proc/$1/task/"*/children; do
        for child in $(<"$list"); do add "$child"; done
      done
    }
    measure() {
      pause=0.1
      while sleep "$pause" && [ -e "/proc/$program" ]; do
        total=0
        add "$program"
        if [ "$total" -gt "$peak" ]; then
          peak=$total
          echo "$peak" >"$status.peak"
        fi
        case $pause in 0.1) pause=0.3 ;; *) pause=1 ;; esac
      done
    }

    began=$(date +%s.%N)
    program=
    trap 'finish TERM' TERM
    trap 'finish USR1' USR1
    set -m
    (trap '' TERM USR1; exec "${command[@]}" </dev/null) &
    program=$!
    measure 2>/dev/null &
    meter=$!
    disown "$meter"
    set +m
    # A signal ends `wait`, too; then there is more to wait for, unless it came just behind the end (127).
    code=
    while :; do
      signalled=
      wait "$program"
      now=$?
      if [ "$now" != 127 ] || [ -z "$code" ]; then code=$now; fi
      if [ -z "$signalled" ] || [ "$now" = 127 ]; then break; fi
    done
    # What the program itself left running has no business going on.
    kill -KILL -- "-$program" "-$meter" 2>/dev/null
    ended=$(date +%s.%N)
    times >"$status.times"
    if [ -s "$status.peak" ]; then read -r peak <"$status.peak"; fi

    conclude() {
      {
        echo "exit=$1"
        echo "began=$began"
        echo "ended=$ended"
        echo "times=$(tail -n 1 "$status.times")"
        echo "peak=$peak"
        echo "node=${SLURMD_NODENAME:-$(hostname)}"
        echo "events=$(stat -c %s "$events" 2>/dev/null || echo 0)"
        echo "ending=$ending"
        echo "whole"
      } >"$status.new" && mv -f -- "$status.new" "$status"
      exit "$1"
    }
    if [ "$code" = 0 ] || [ -z "$ending" ]; then conclude "$code"; fi
    # Out of time, with a checkpoint: back into the queue.
    if [ "$ending" = USR1 ] && [ "$code" = 130 ]; then
      if [ "${SLURM_RESTART_COUNT:-0}" -lt MOST ] && "$scontrol" requeue "$SLURM_JOB_ID"; then
        sleep 60
        exit "$code"
      fi
      conclude "$code"
    fi
    # Cancelled, preempted or requeued: the queue says what becomes of it.
    exit "$code"
    """#.replacing("MOST", with: "\(mostRestarts)")
}

/// How a program of a job ended, as its script writes it down.
struct JobStatus {
  var result: ChildResult
  /// Where it ran.
  var node: String
  /// Bytes of events that it has written.
  var eventBytes: Int64
  /// Whether it ended with a checkpoint, since the job's time was over and it couldn't be queued again.
  var isOutOfTime: Bool

  /// Reads a status; nil where there is none yet.
  ///
  /// - Throws: `PipelineError` where there is something else.
  init?(contentsOf url: URL) throws {
    guard let data = try? Data(contentsOf: url) else { return nil }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    let pairs = lines.compactMap { line -> (String, String)? in
      guard let equal = line.firstIndex(of: "=") else { return nil }
      return (String(line[..<equal]), String(line[line.index(after: equal)...]))
    }
    let fields = Dictionary(pairs) { $1 }
    guard lines.last == "whole", let exit = fields["exit"].flatMap({ Int32($0) }),
      (0...255).contains(exit)
    else {
      throw PipelineError(
        "\(url.path): doesn't say how a job ended; remove it and run again", exit: .failed)
    }
    func number(_ key: String) -> Double { fields[key].flatMap { Double($0) } ?? 0 }
    let cpu = (fields["times"] ?? "").split(separator: " ").compactMap(Self.seconds)
    // A shell tells signals only by the status.
    let signal = exit > 128 && exit != 130 && exit < 160 ? exit - 128 : nil
    result = ChildResult(
      status: exit, signal: signal, cpuSeconds: cpu.reduce(0, +),
      peakMemory: Int(max(0, min(1e12, number("peak")))) * 1024,
      seconds: max(0, number("ended") - number("began")))
    node = fields["node"] ?? ""
    eventBytes = Int64(max(0, min(1e15, number("events"))))
    isOutOfTime = fields["ending"] == "USR1" && exit == 130
  }

  /// Seconds of a time as the shell writes it: "1m2.345s".
  private static func seconds(_ text: Substring) -> Double? {
    guard let match = text.wholeMatch(of: /(\d+)m([\d.,]+)s/), let minutes = Double(match.1),
      let seconds = Double(match.2.replacing(",", with: "."))
    else { return nil }
    return minutes * 60 + seconds
  }
}
