// All that the page shows, gathered from files at one moment.

import Basics
import Foundation
import Notebook
import Pipeline

/// How a workspace stands.
struct Situation: Sendable {
  /// The competition's.
  var title: String
  /// Stages in the order of the graph, with what each needs.
  var stages: [(name: String, about: String, after: [String])]
  /// The latest run.
  var run: LiveSnapshot?
  var meters: Meters
  /// Those that the view's filter leaves.
  var runs: RunTable
  var allRuns: [RunRow]
  /// Why the filter of the view means nothing.
  var filterProblem: String?
  /// Curves of the run to compare with, by instance.
  var baseline: [String: [MetricPoint]]
  /// The end of what the chosen instance printed.
  var log: (instance: String, text: String)?
  /// What the latest pages show in pictures, with the instance that showed it: one grid, or one for each of several steps.
  var pictures: (instance: String, grids: [PictureGrid])?
  /// Names of rendered pages.
  var pages: [String]
}

/// Gathers it; what is dear is read again only when a file has changed.
actor SituationReader {
  private let workspace: Workspace
  private let watch: LiveWatch
  private var meters = MeterReader()
  private var project: (at: Date, title: String, stages: [(String, String, [String])])?
  private var shown:
    (
      file: URL, changed: Date, read: ContinuousClock.Instant, instance: String,
      grids: [PictureGrid]
    )?
  private var runs: (at: ContinuousClock.Instant, table: RunTable)?
  private var baselines: [String: [String: [MetricPoint]]] = [:]
  private var snapshot: (at: ContinuousClock.Instant, run: LiveSnapshot?, meters: Meters)?

  init(_ workspace: Workspace) {
    self.workspace = workspace
    watch = LiveWatch(workspace)
  }

  /// How things stand, at most a second ago.
  func look(_ view: View) -> Situation {
    let now = ContinuousClock.now
    if snapshot.map({ now - $0.at > .milliseconds(900) }) ?? true {
      snapshot = (now, watch.look(), meters.read(disk: workspace.root))
    }
    let run = snapshot?.run
    let (title, stages) = readProject()
    let table = readRuns(now)
    var situation = Situation(
      title: title, stages: stages, run: run, meters: snapshot?.meters ?? Meters(cores: 1),
      runs: table, allRuns: table.rows, filterProblem: nil, baseline: baseline(view.baseline),
      log: log(view, run),
      pictures: pictures(run), pages: pages())
    if !view.filter.isEmpty {
      do { situation.runs = try table.filtered(view.filter) } catch {
        situation.filterProblem = "\(error)"
      }
    }
    return situation
  }

  private func readProject() -> (String, [(String, String, [String])]) {
    let changed = modified(workspace.parametersFile) ?? .distantPast
    if let project, project.at == changed { return (project.title, project.stages) }
    guard let read = try? Project(workspace: workspace) else {
      return (project?.title ?? workspace.root.lastPathComponent, project?.stages ?? [])
    }
    var stages: [(String, String, [String])] = []
    for instance in read.graph.instances where stages.last?.0 != instance.stage {
      let needed = Set(
        read.graph.instances.filter { $0.stage == instance.stage }
          .flatMap { read.graph.dependencies(of: $0.name) }.compactMap { read.graph[$0]?.stage })
      stages.append((instance.stage, instance.summary, read.graph.stages.filter(needed.contains)))
    }
    let title =
      read.parameters["competition.title"]?.plainText ?? workspace.root.lastPathComponent
    project = (changed, title, stages)
    return (title, stages)
  }

  private func readRuns(_ now: ContinuousClock.Instant) -> RunTable {
    // An index makes this cheap; still, a thousand folders are looked at.
    if let runs, now - runs.at < .seconds(3) { return runs.table }
    let table = RunTable(RunHistory(workspace))
    runs = (now, table)
    return table
  }

  private func baseline(_ id: String) -> [String: [MetricPoint]] {
    guard !id.isEmpty else { return [:] }
    if let known = baselines[id] { return known }
    let found = watch.curves(of: id)
    if baselines.count > 20 { baselines = [:] }
    baselines[id] = found
    return found
  }

  private func log(_ view: View, _ run: LiveSnapshot?) -> (String, String)? {
    guard let run else { return nil }
    let wanted =
      run.instances.first { $0.name == view.log } ?? run.running.last
      ?? run.instances.last { $0.state == .failed } ?? run.instances.last { $0.state == .done }
    return wanted.map { ($0.name, watch.logTail(of: $0.name) ?? "") }
  }

  /// The last pictures that the latest stage of those with pictures shows: predictions, or what training sees.
  private func pictures(_ run: LiveSnapshot?) -> (String, [PictureGrid])? {
    let preferred = ["evaluate", "predict", "train"]
    let names = (run?.instances ?? []).filter { $0.state.isGood || $0.state == .running }
    for stage in preferred {
      for instance in names where instance.stage == stage {
        guard let file = workspace.latestRecord(of: instance.name), let changed = modified(file)
        else { continue }
        // A record may be large, and grows while its stage runs.
        let now = ContinuousClock.now
        if shown?.file != file
          || (shown?.changed != changed && now - (shown?.read ?? now) > .seconds(5))
        {
          let record = try? Record(contentsOf: file)
          let grids = record?.events.compactMap { event -> PictureGrid? in
            if case .show(.grid(let grid), _, _, _) = event { grid } else { nil }
          }
          shown = (file, changed, now, instance.name, Self.last(of: grids ?? []))
        }
        guard let grids = shown?.grids, !grids.isEmpty else { break }
        return (instance.name, grids)
      }
    }
    return nil
  }

  /// The last grid, with those before it of the same series.
  private static func last(of grids: [PictureGrid]) -> [PictureGrid] {
    guard let last = grids.last else { return [] }
    return last.step == nil ? [last] : grids.filter { $0.step != nil && $0.title == last.title }
  }

  private func pages() -> [String] {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: workspace.pages.path)) ?? []
    return names.filter(PageFiles.isPage).sorted {
      $0.compare($1, options: .numeric) == .orderedAscending
    }
  }

  private func modified(_ file: URL) -> Date? {
    (try? FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate]) as? Date
  }
}

/// Rendered pages by name.
enum PageFiles {
  /// Whether a name is that of a page: no folder, nothing hidden.
  static func isPage(_ name: String) -> Bool {
    name.hasSuffix(".html") && !name.hasPrefix(".")
      && name.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || $0.properties.numericType != nil
            || "@._-,=+".unicodeScalars.contains($0))
      }
  }

  /// The bytes of a page; nil for a name that is none, and for what is no plain file.
  static func read(_ name: String, _ workspace: Workspace) -> Data? {
    guard isPage(name) else { return nil }
    let descriptor = open(
      workspace.pages.appendingPathComponent(name).path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return try? file.readToEnd() ?? Data()
  }
}
