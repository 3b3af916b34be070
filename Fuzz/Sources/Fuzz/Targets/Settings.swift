// YAML: parameters and presets, headers of stages, the lock.

import Basics
import Foundation

@testable import Pipeline

let settingsTargets: [Target] = [
  Target(name: "params") {
    try [Repository.file("params.yaml")] + Repository.files("presets", ".yaml")
      + [
        "a: &x [1, 2.5e3, ~, yes, 0x1F, .5]\nb: *x\nc: {d: 'e', \"f\\n\": |\n  g\n}\n", "- 1\n- a",
      ].map {
        Data($0.utf8)
      }
  } body: { data in
    let text = String(decoding: data, as: UTF8.self)
    _ = outcome { () throws in
      var parameters = try Parameters(yaml: text)
      for key in parameters.keys.prefix(20) {
        _ = (parameters[key], parameters.location(of: key))
        try? parameters.override("\(key)=\(text.prefix(20))")
      }
    }
    var parameters = try Parameters(yaml: "a: 1\nb: {c: text, d: [1, 2]}")
    try? parameters.apply(preset: "input", contentsOf: Scratch.write(data, as: "preset.yaml"))
    try parameters.override("b.c=\(text)")
  },
  Target(name: "header") {
    try Repository.files("stages", ".swift")
      + [
        """
        #!/usr/bin/env python3
        # ---
        # desc: "each"
        # foreach: {fold: folds.count, kind: [a, b]}
        # deps: ["data/x-${item.fold}", data/y?, "data/z-${a}"]
        # params: [a, b.c?]
        # outs: ["data/out/${item.kind}"]
        # keep: [data/out/a.csv]
        # secrets: [KAGGLE_*]
        # frozen: true
        # ---
        """
      ].map { Data($0.utf8) }
  } body: { data in
    let text = String(decoding: data, as: UTF8.self)
    let parameters = try Parameters(
      yaml: "folds: {count: 3}\na: [1, 2]\nb: {c: x}\nruntime: {threads: 1}")
    for file in ["each.swift", "each.py"] {
      guard let declaration = try? Declaration(file: file, text: text) else { continue }
      guard let instances = try? declaration.instances(parameters) else { continue }
      guard let graph = try? Graph(instances) else { continue }
      for instance in graph.instances {
        _ = (graph.files(of: instance), graph.dependencies(of: instance.name))
      }
    }
  },
  Target(name: "lock") {
    [
      """
      version: 1
      stages:
        train@0:
          item: {fold: 0}
          code: {script: \(String(repeating: "ab", count: 32)), Basics: "12"}
          params: {train: {epochs: 2, rate: 1e-3}}
          deps: {data/train: {hash: "\(String(repeating: "0", count: 64))", size: 12}}
          outs: {data/models/fold-0: {hash: "\(String(repeating: "f", count: 64))", size: 9223372036854775807}}
          overrides: [train.epochs]
          pinned: {epochs: 2}
          accepted: "why"
      """
    ].map { Data($0.utf8) }
  } body: { data in
    let lock = try Lock(yaml: String(decoding: data, as: UTF8.self))
    let again = outcome { try Lock(yaml: lock.yaml) }
    guard let again = try? again.get() else {
      return promise(false, "a lock that is written is read: \(again)")
    }
    promise(again == lock, "it is the same lock")
    for entry in lock.entries.values { _ = entry.manifest }
  },
]
