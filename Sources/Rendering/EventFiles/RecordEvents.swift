// What an executed record holds for TensorBoard: metrics by step, pictures, parameters.

import Basics
public import Foundation
public import Notebook

extension Record {
  /// The record as an event file: numbers of every step as scalars under their names, pictures, and the parameters that
  /// the stage declared. The same record gives the same bytes. Nil where it has neither steps nor pictures.
  ///
  /// - Parameter group: the trial that this is a part of, such as a run of several folds.
  public func eventFile(group: String) -> Data? {
    let start = header.startedAt.timeIntervalSince1970
    var file = EventFile(wallTime: start)
    file.parameters(header.parameters.leaves(), group: group, wallTime: start)
    var isEmpty = true
    var step = 0
    for event in events {
      let time = start + event.at
      switch event {
      case .metrics(let metrics, _, _):
        step = metrics.step
        for metric in metrics.values {
          guard let value = metric.value else { continue }
          file.scalar(metric.name, value, step: step, wallTime: time)
          isEmpty = false
        }
      case .show(.picture(let picture), _, _, _):
        file.picture(
          picture.label, png: picture.png, width: picture.width, height: picture.height, step: step,
          wallTime: time)
        isEmpty = false
      case .show(.grid(let grid), _, _, _):
        for (row, pictures) in grid.rows.enumerated() {
          for (place, picture) in pictures.enumerated() {
            let column =
              place < grid.columns.count ? grid.columns[place] : "\(place + 1)"
            file.picture(
              "\(grid.title)/\(row + 1) \(column)", png: picture.png, width: picture.width,
              height: picture.height, step: step, wallTime: time)
            isEmpty = false
          }
        }
      default: break
      }
    }
    guard !isEmpty else { return nil }
    if outcome != .interrupted {
      file.end(succeeded: outcome == .finished, wallTime: start + seconds)
    }
    return Data(file.bytes)
  }
}

extension JSONValue {
  /// Numbers, flags and texts by their dotted paths; lists as text, and what is null left out.
  fileprivate func leaves(_ path: String = "") -> [String: JSONValue] {
    switch self {
    case .object(let members):
      members.reduce(into: [:]) { leaves, member in
        leaves.merge(member.value.leaves(path.isEmpty ? member.key : "\(path).\(member.key)")) {
          $1
        }
      }
    case .null: [:]
    case .array: [path: .string(canonical)]
    default: [path: self]
    }
  }
}
