// Follows the latest run of a workspace from outside it, by its files alone: run.json, what stages say, what is
// asked of them. So what is seen survives the end of the runner, and of whoever looks.

import Basics
import Foundation
public import Notebook

/// Looks at the latest run again and again; each look reads only what is new. Not for use from two threads at
/// once.
public final class LiveWatch {
  private let workspace: Workspace
  private var run: RunFolder?
  private var record: (stamp: FileStamp?, record: RunRecord)?
  private var followers: [String: Follower] = [:]
  /// What runs recorded that made outputs which are fresh now.
  private var earlier: [String: RunRecord] = [:]
  private var dependencies: [String: [String]] = [:]
  private var readGraph: ContinuousClock.Instant?

  /// What one instance has said so far.
  private final class Follower {
    let events: EventFollower
    var progress: LiveSnapshot.Progress?
    var history: [MetricPoint] = []
    var metrics: [String: Double] = [:]
    var drawn: [String] = []
    var remarks: [String] = []
    var course: Course?
    /// Where the work stood at a few moments, for the rate.
    private var marks: [(at: ContinuousClock.Instant, done: Int)] = []

    init(_ file: URL) { events = EventFollower(file) }

    func look() {
      for event in events.events() {
        switch event {
        case .progress(let label, let done, let total, let unit, let note):
          if progress?.label != label || done < progress?.done ?? 0 { marks = [] }
          progress = .init(label: label, done: done, total: total, unit: unit, note: note)
        case .point(let point, let names):
          history.take(point)
          metrics.merge(point.metrics) { $1 }
          for name in names where !drawn.contains(name) { drawn.append(name) }
        case .metric(let name, let value): metrics[name] = value
        case .warning(let text): remarks = (remarks + [text]).suffix(5)
        case .course(let course): self.course = course
        case .message: break
        }
      }
      rate()
    }

    /// The rate over the last half minute; nothing is known from one look.
    private func rate() {
      guard let done = progress?.done else { return }
      let now = ContinuousClock.now
      if marks.last.map({ $0.done != done || now - $0.at > .seconds(5) }) ?? true {
        marks.append((now, done))
      }
      while marks.count > 2, now - marks[0].at > .seconds(30) { marks.removeFirst() }
      guard let first = marks.first, let last = marks.last, last.at - first.at > .seconds(1),
        last.done > first.done
      else { return }
      progress?.rate = Double(last.done - first.done) / ((last.at - first.at) / .seconds(1))
    }
  }

  /// Watches a workspace.
  public init(_ workspace: Workspace) { self.workspace = workspace }

  /// How the latest run stands now; nil where none is recorded.
  public func look() -> LiveSnapshot? {
    let history = RunHistory(workspace)
    guard let id = history.ids().first, let record = record(of: history.folder(id)), let run else {
      return nil
    }
    let isAlive = record.ended == nil && record.isAlive(in: workspace)
    readDependencies(again: !isAlive)
    let costs = Costs(workspace)
    let items = Dictionary(record.instances.map { ($0.instance, $0) }) { first, _ in first }
    let names = record.selected ?? record.instances.map(\.instance)
    let unsettled = Set(
      names.filter { items[$0].map { $0.status == RunRecord.Item.running } ?? true })
    let instances = names.map { name in
      instance(
        name, items[name], isAlive: isAlive, waitsFor: unsettled,
        expected: costs.expected(name, stage: String(name.prefix { $0 != "@" }))?.seconds, in: run)
    }
    let start = try? Date(record.started, strategy: .iso8601)
    return LiveSnapshot(
      run: run.id, status: record.ended == nil && !isAlive ? "broken off" : record.status,
      isAlive: isAlive, isStopping: isAlive && WholeFile.exists(run.stop),
      started: record.started,
      seconds: record.seconds ?? (isAlive ? start.map { Date().timeIntervalSince($0) } : nil),
      targets: record.targets,
      overrides: record.overrides.sorted { $0.key < $1.key }
        .map { "\($0.key)=\($0.value.plainText)" }, instances: instances)
  }

  /// The last bytes of what an instance of the latest run printed, from a whole line on; nil where it printed
  /// nothing.
  public func logTail(of instance: String, bytes: Int = 8000) -> String? {
    guard let run, let record, !instance.utf8.contains(UInt8(ascii: "/")),
      record.record.instances.contains(where: { $0.instance == instance }),
      let handle = try? FileHandle(forReadingFrom: run.log(instance))
    else { return nil }
    defer { try? handle.close() }
    let end = (try? handle.seekToEnd()) ?? 0
    let start = end > UInt64(bytes) ? end - UInt64(bytes) : 0
    try? handle.seek(toOffset: start)
    guard let data = try? handle.readToEnd(), !data.isEmpty else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    guard start > 0, let line = text.firstIndex(of: "\n") else { return text }
    return String(text[text.index(after: line)...])
  }

  /// Numbers by step of the instances that ran in a run; none where there is no such run.
  public func curves(of id: String) -> [String: [MetricPoint]] {
    let history = RunHistory(workspace)
    // The name may be anybody's words.
    guard history.ids().contains(id), let record = try? history.record(id) else { return [:] }
    return Dictionary(
      record.instances.compactMap { one in one.history.map { (one.instance, $0) } }
    ) { $1 }
  }

  private func record(of folder: RunFolder) -> RunRecord? {
    if run?.id != folder.id {
      (run, record, followers, earlier) = (folder, nil, [:], [:])
    }
    var status = stat()
    let stamp = lstat(folder.json.path, &status) == 0 ? FileStamp(status) : nil
    if let record, record.stamp == stamp { return record.record }
    guard let read = RunRecord.read(folder.json) else { return record?.record }
    record = (stamp, read)
    return read
  }

  private func instance(
    _ name: String, _ item: RunRecord.Item?, isAlive: Bool, waitsFor unsettled: Set<String>,
    expected: Double?, in run: RunFolder
  ) -> LiveSnapshot.Instance {
    var state = item.flatMap { LiveSnapshot.State(rawValue: $0.status) } ?? .waiting
    if !isAlive, state == .running { state = .brokenOff }
    if !isAlive, state == .waiting { state = .notStarted }
    var one = LiveSnapshot.Instance(
      name: name, stage: item?.stage ?? String(name.prefix { $0 != "@" }), state: state)
    one.metrics = item?.metrics ?? [:]
    one.history = item?.history ?? []
    one.course = item?.course
    one.error = item?.error
    one.seconds = item?.seconds
    one.peakMemory = item?.peakMemory
    switch state {
    case .waiting:
      one.waitsFor = (dependencies[name] ?? []).filter(unsettled.contains)
      one.secondsLeft = expected
    case .running, .brokenOff:
      let follower = followers[name] ?? Follower(run.events(name))
      followers[name] = follower
      follower.look()
      one.progress = follower.progress
      one.history = follower.history
      one.metrics = follower.metrics
      one.drawn = follower.drawn
      one.remarks = follower.remarks
      one.course = follower.course
      guard state == .running else { break }
      let start = (item?.started).flatMap { try? Date($0, strategy: .iso8601) }
      one.seconds = start.map { Date().timeIntervalSince($0) }
      one.secondsLeft =
        follower.progress?.secondsLeft
        ?? Self.secondsLeft(follower.progress?.share ?? 0, after: one.seconds)
        ?? expected.map { max(0, $0 - (one.seconds ?? 0)) }
      one.heeds = run.heedsRequests(name)
      one.asked = asked(Requests(in: run.requests(name).path))
    case .fresh,
      .restored where one.history.isEmpty:
      guard let maker = item?.madeBy ?? item?.restoredFrom else { break }
      if earlier[maker] == nil {
        earlier[maker] = try? RunHistory(workspace).record(maker)
      }
      let made = earlier[maker]?.instances.first { $0.instance == name }
      one.history = made?.history ?? []
      one.course = one.course ?? made?.course
    default: break
    }
    return one
  }

  /// What the rest takes at the pace so far: all that one look can tell. A training that was resumed had a part
  /// of it before.
  private static func secondsLeft(_ share: Double, after seconds: Double?) -> Double? {
    guard let seconds, share > 0.02 else { return nil }
    return seconds * (1 - share) / share
  }

  private func asked(_ requests: Requests) -> [String] {
    (requests.stopsNow ? ["stop now"] : [])
      + (requests.stopsAfterStep ? ["stop after this epoch"] : [])
      + requests.extensions.map { "\($0.steps) epochs more" }
  }

  /// Which instance needs which; what can't be read is drawn without arrows.
  private func readDependencies(again: Bool) {
    if let readGraph, ContinuousClock.now - readGraph < .seconds(again ? 10 : 60) { return }
    readGraph = .now
    guard let graph = try? Project(workspace: workspace).graph else { return }
    for instance in graph.instances {
      dependencies[instance.name] = graph.dependencies(of: instance.name)
    }
  }
}
