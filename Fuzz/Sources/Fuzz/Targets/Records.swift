// Records, events and runs: what stages, earlier versions and other machines wrote, down to the page.

import Basics
import Foundation

@testable import Notebook
@testable import Pipeline
@testable import Rendering

let recordTargets: [Target] = [
  Target(name: "record") {
    try [
      recordSeed([.text("a\n"), .markdown("# b\n- c [d](http://e)\n![f](g)")]),
      recordSeed(displays),
    ]
  } body: { data in
    let record = try Record(data: data, name: "input")
    _ = (record.outcome, record.seconds, record.figures)
    let script =
      "import Workbench\n\nawait Stage.run { stage in\n  // # A\n  cell(\"A\")\n  show(1)\n}\n"
    _ = try Page.html(record: record, script: script)
    _ = try JupyterNotebook.data(record: record, script: script)
  },
  Target(name: "events") {
    [
      #"{"progress":{"label":"p","done":5,"total":10,"unit":"images","note":"loss 0.4"}}"# + "\n",
      #"{"message":"m","warning":"w","metric":{"name":"iou","value":0.5}}"# + "\n",
      #"{"metric":{"loss":0.5,"val/loss":1e308},"step":3,"drawn":["loss"]}"# + "\n",
      #"{"metric":{"loss":0.5,"lr":-1e-308},"step":{"index":-1,"of":9,"unit":"epoch"}}"# + "\n",
    ].map { Data($0.utf8) }
  } body: { data in
    var curves = Curves()
    for event in EventFollower(try Scratch.write(data, as: "events.jsonl")).events() {
      guard case .point(let point, _) = event else { continue }
      curves.take(
        StepMetrics(
          step: point.step, of: nil, unit: "epoch",
          values: point.metrics.map { .init($0.key, $0.value) }))
    }
    for chart in curves.charts { _ = (ChartSVG.render(chart), ChartSVG.notes(chart)) }
  },
  Target(name: "run") {
    [
      """
      {"version":2,"started":"2025-01-02T03:04:05Z","ended":"2025-01-02T04:04:05Z","status":"finished","exit":0,
       "targets":["train"],"overrides":{"train.epochs":2},"runtime":{"threads":2},"seconds":3.5,
       "parameters":{"train":{"epochs":2}},"process":12,"host":{"cpu":"x"},
       "instances":[{"instance":"train@0","stage":"train","status":"ran","reasons":["new"],"seconds":9.2e18,
        "cpuSeconds":1,"peakMemory":1000,"metrics":{"iou":0.5},"unchanged":false,
        "history":[{"step":1,"metrics":{"loss":0.5}}],"code":{"a":"b"},
        "inputs":{"data/x":{"hash":"aa","size":1}},"outputs":{},"kept":["data/y"]},
        {"instance":"train@1","stage":"train","status":"ran","reasons":[],"metrics":{"iou":1e308},"unchanged":true}]}
      """
    ].map { Data($0.utf8) }
  } body: { data in
    let file = try Scratch.write(data, as: "run.json")
    guard let record = RunRecord.read(file) else { return }
    let table = RunTable(rows: [RunRow(id: "a", record), RunRow(id: "b", record)])
    for expression in ["seconds>1 and train.iou<0.5", "epochs==2 or status=='x'"] {
      _ = try? table.filtered(expression)
    }
    for name in table.metrics + table.parameters + ["seconds"] {
      guard let column = try? table.column(name) else { continue }
      for row in table.rows { _ = RunTable.value(row, column) }
    }
    _ = RunHistory.metrics(table.rows[0], table.rows[1])
  },
  Target(name: "query") {
    ["score>0.8 and filters==16", "not (a<=1 or b!='x y')", "status == \"done\""].map {
      Data($0.utf8)
    }
  } body: { data in
    let row = try JSONDecoder().decode(
      RunRecord.self,
      from: Data(
        #"{"version":2,"started":"2025-01-02T03:04:05Z","targets":[],"status":"done","overrides":{},"runtime":{},"parameters":{"filters":16,"s":"x"},"instances":[]}"#
          .utf8))
    var table = RunTable(rows: [RunRow(id: "a", row)])
    let text = String(decoding: data, as: UTF8.self)
    try? table.sort(by: text)
    _ = try table.filtered(text)
  },
]

/// A record of displays.
private func recordSeed(_ displays: [Display]) throws -> Data {
  let header = RecordHeader(
    stage: "a", instance: "a@1", source: "import Workbench\n\ncell(\"A\")\nshow(1)\n",
    parameters: .object([.init("a", .int(1))]), startedAt: Date(timeIntervalSince1970: 0))
  let events: [RecordEvent] =
    [.begin(header), .cell(title: "A", line: 3, at: 0.5), .print("p", line: 4, at: 1)]
    + displays.map { .show($0, line: 4, at: 1, key: "k") }
    + [
      .metrics(
        StepMetrics(step: 1, of: 3, values: [.init("training loss", 0.5), .init("rate", nil)]),
        line: 4, at: 2), .warning("w", line: 4, at: 2), .failed(message: "m", line: 4, at: 3),
      .finished(at: 4),
    ]
  return try events.reduce(Data()) {
    try $0 + JSONEncoder.ofRecords().encode($1) + Data("\n".utf8)
  }
}

private let displays: [Display] = [
  .table(Table(title: "t", columns: ["a", "b"], rows: [["1", "2"], ["x"]])),
  .figures([Figure("f", "0.5", note: "n")]),
  .picture(Picture(png: Data([1, 2, 3]), width: 3, height: 4, label: "p")),
  .grid(
    PictureGrid(
      title: "g", columns: ["c"], rows: [[Picture(png: Data(), width: 1, height: 1, label: "")]])),
  .chart(.histogram([1, 2, 3.5], bins: 3, title: "h", x: "x")),
  .chart(.bars([("a", 1), ("b", -2)], title: "b", x: "x", y: "y")),
  .chart(
    Chart(
      title: "l", x: .init("x", scale: .log, domain: 1...1e9), y: .init("y", domain: -1...1),
      layers: [
        .line(x: [1, 2], y: [0.5, -0.5], name: "n"), .points(x: [3], y: [1e-300], name: nil),
        .band(x: [1, 2], low: [0, 0], high: [1, 1], name: "b"), .rule(x: nil, y: 0.5, label: "r"),
      ])),
]
