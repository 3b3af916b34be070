// What a plan needs to know about a network before it lays out any work: who reads what, where
// gradients flow, how results are held in memory. A value; nothing here computes.

/// Facts about a network for one size of images, by the number of the step.
struct NetworkAnalysis {
  /// Where a step's result lies in a concatenation's.
  struct Join {
    /// The step that concatenates.
    var step: Int
    /// The result's first channel there.
    var offset: Int
  }

  let network: Network
  /// Of each step's result.
  let shapes: [Shape]
  /// How many live steps read each step, the network's output counted once.
  let readers: [Int]
  /// Whether a step's result is needed for the output.
  let isLive: [Bool]
  /// Whether a gradient flows into a step's result.
  let isTrained: [Bool]
  /// How each step's result and its gradient are held in memory.
  let elements: [Element]
  /// For a step whose result is written straight into a concatenation: which, and at what channel.
  let joins: [Int: Join]

  /// - Parameters:
  ///   - shapes: of the network's results.
  ///   - parameters: of the network.
  ///   - narrow: what memory between fast layers holds.
  init(_ network: Network, shapes: [Shape], parameters: [Parameter], narrow: Element) {
    self.network = network
    self.shapes = shapes
    (isLive, readers) = network.liveSteps()
    isTrained = network.trainedSteps(parameters)
    elements = network.elements(live: isLive, narrow: narrow)
    joins = network.joins(live: isLive, elements: elements, shapes: shapes)
  }

  /// The only live step that reads this one, if it is of the kind asked for.
  func soleReader(of index: Int, where matches: (Layer) -> Bool) -> Int? {
    guard readers[index] == 1, network.outputIndex != index else { return nil }
    return network.steps.indices.first {
      isLive[$0] && network.steps[$0].inputs.contains(index) && matches(network.steps[$0].layer)
    }
  }

  /// The only live step that reads this one, if it is a ReLU.
  func reluAfter(_ index: Int) -> Int? {
    soleReader(of: index, where: { $0 == .activation(.relu) })
  }

  /// The only live step that reads this one, if it is an activation that only clamps.
  func clampAfter(_ index: Int) -> Int? {
    soleReader(of: index, where: { $0.clamp != nil })
  }

  /// The only live step that reads this one, if it is a batch norm.
  func normAfter(_ index: Int) -> Int? {
    soleReader(of: index, where: { if case .batchNorm = $0 { true } else { false } })
  }
}

extension Network.Step {
  /// The inputs whose values are read: `broadcast` reads its second input's size only, `coordinates` its only one's.
  fileprivate var valueInputs: ArraySlice<Int> {
    switch layer {
    case .broadcast: inputs.prefix(1)
    case .coordinates: []
    default: inputs[...]
    }
  }
}

extension Network {
  /// Which steps the output needs, and how many of these read each step.
  fileprivate func liveSteps() -> (isLive: [Bool], readers: [Int]) {
    var live = [Bool](repeating: false, count: steps.count)
    var readers = [Int](repeating: 0, count: steps.count)
    if let outputIndex {
      live[outputIndex] = true
      readers[outputIndex] = 1
    }
    for index in steps.indices.reversed() where live[index] {
      for input in steps[index].valueInputs {
        live[input] = true
        readers[input] += 1
      }
    }
    return (live, readers)
  }

  /// Which steps have trained parameters, or read a step that has a gradient.
  fileprivate func trainedSteps(_ parameters: [Parameter]) -> [Bool] {
    var trained = [Bool](repeating: false, count: steps.count)
    let own = Set(parameters.filter(\.isTrained).map(\.step))
    for index in steps.indices {
      trained[index] = own.contains(index) || steps[index].valueInputs.contains { trained[$0] }
    }
    return trained
  }

  /// How to hold each step's result: as `narrow` where all layers that read or write it can.
  fileprivate func elements(live: [Bool], narrow: Element) -> [Element] {
    var isNarrow = steps.indices.map { live[$0] && steps[$0].layer.takesAnyElement }
    if let outputIndex { isNarrow[outputIndex] = false }
    var changed = narrow != .float32
    while changed {
      changed = false
      func widen(_ index: Int) {
        if isNarrow[index] {
          isNarrow[index] = false
          changed = true
        }
      }
      for (index, step) in steps.enumerated() where live[index] {
        for input in step.inputs where isNarrow[input] {
          if !step.layer.takesAnyElement || (step.layer.sharesMemory && !isNarrow[index]) {
            widen(input)
          }
        }
        // What a norm or activation reads is read again by its own readers.
        if step.layer.sharesMemory, step.inputs.contains(where: { !isNarrow[$0] }) {
          if case .concatenate = step.layer { continue }
          widen(index)
        }
      }
    }
    return isNarrow.map { $0 ? narrow : .float32 }
  }

  /// Which results can be written straight into a concatenation: those that it reads once, and that
  /// no other concatenation has.
  fileprivate func joins(live: [Bool], elements: [Element], shapes: [Shape])
    -> [Int: NetworkAnalysis.Join]
  {
    var joins: [Int: NetworkAnalysis.Join] = [:]
    for (index, step) in steps.enumerated() where live[index] {
      guard case .concatenate = step.layer else { continue }
      var offset = 0
      for input in step.inputs {
        if joins[input] == nil, step.inputs.filter({ $0 == input }).count == 1,
          elements[input] == elements[index]
        {
          joins[input] = NetworkAnalysis.Join(step: index, offset: offset)
        }
        offset += shapes[input].channels
      }
    }
    return joins
  }
}
