// `work doctor`, the part that needs the workspace's modules: what the engine comes to, whether it
// computes what the portable kernels compute, which libraries are loaded, where credentials lie.

import Archive
import Choices
import Foundation
import Imaging
import Kaggle
import Neural
import Notebook
import Segmentation
import ToolReports
import Transfer
import Workbench

/// Looks at the engine and writes the report.
func examine(_ stage: Stage) throws {
  let named = Precision.allCases.flatMap { precision in
    BackendChoice.allCases.map { choice($0, precision) }
  }
  var automatic = choice(.automatic, .fastest)
  automatic.precision = .automatic
  automatic.reason = "\(Precision.fastest.rawValue) by " + (automatic.reason ?? "choice")
  let choices = [automatic] + named
  let found = named.filter { $0.engine != nil }
  let report = EngineReport(
    protocolVersion: Order.supportedProtocol, choices: choices,
    selfTests: found.filter { $0.backend != .automatic }.map(selfTest),
    implementations: implementations(found), libraries: libraries(found), kaggle: kaggle())
  try report.json().write(to: stage.output(EngineReport.fileName))
}

// MARK: Engine

/// What asking for a backend and a precision comes to.
private func choice(_ backend: BackendChoice, _ precision: Precision) -> EngineReport.Choice {
  var choice = EngineReport.Choice(backend: backend, precision: PrecisionChoice(precision))
  let engine = EngineSettings(threads: 1, backend: backend, precision: precision)
  if backend == .automatic { choice.reason = engine.decision.reason }
  do {
    let engine = try TinyTraining(engine).engine
    choice.engine = EngineReport.Engine(
      backend: engine.backend, library: engine.library, instructionSet: engine.instructionSet)
  } catch {
    choice.refusal = "\(error)"
  }
  return choice
}

/// Compares a step of a tiny network with the same step by the portable kernels.
private func selfTest(_ choice: EngineReport.Choice) -> EngineReport.SelfTest {
  let isNarrow = choice.precision == .bfloat16
  // bfloat16 rounds by up to 2^-9 of a value; Winograd's way rounds frequencies, which are larger than
  // what comes of them. A kernel that computes something else is off by its whole value.
  let bound = isNarrow ? 0.08 : 1e-4
  var test = EngineReport.SelfTest(
    backend: choice.backend, precision: choice.precision, difference: nil, bound: bound)
  do {
    let tested = try TinyTraining(
      EngineSettings(threads: 2, backend: choice.backend, precision: choice.precision.precision))
    let portable = try TinyTraining(EngineSettings(threads: 1, kernelLimit: 0))
    test.difference = difference(try tested.gradients(), try portable.gradients())
  } catch {
    test.failure = "\(error)"
  }
  return test
}

/// Per tensor max |a - b| / max |b|, the largest of them; infinite where one isn't finite.
private func difference(_ tensors: [String: Tensor], _ reference: [String: Tensor]) -> Double {
  var largest = 0.0
  for (name, expected) in reference {
    let scale = expected.values.map { abs(Double($0)) }.max() ?? 0
    guard let found = tensors[name], found.values.count == expected.values.count, scale > 0 else {
      return .infinity
    }
    for (a, b) in zip(found.values, expected.values) {
      let difference = abs(Double(a) - Double(b)) / scale
      guard difference.isFinite else { return .infinity }
      largest = max(largest, difference)
    }
  }
  return largest
}

/// Two 3 x 3 convolutions and an up-convolution on two images of 16 x 16 pixels. Nothing with a kink, so
/// that rounding stays what it is.
private struct TinyTraining {
  private let trainer: Trainer
  private static let (size, batch, channels) = (16, 2, 16)

  init(_ engine: EngineSettings) throws {
    var net = Network()
    let image = net.image(channels: Self.channels)
    var x = net.convolution(image, filters: 16, bias: true, name: "first")
    x = net.averagePool(x, 2)
    x = net.convolution(x, filters: 32, bias: true, name: "second")
    x = net.transposedConvolution(x, filters: 16, name: "up")
    net.output(net.convolution(x, filters: 1, kernel: 1, bias: true, name: "head"))
    trainer = try Trainer(
      network: net, batch: Self.batch, height: Self.size, width: Self.size, loss: .bce(),
      optimizer: Optimizer(.adam()), seed: 1, engine: engine)
  }

  var engine: EngineIdentity { trainer.engine }

  /// The gradients of fixed images by name.
  func gradients() throws -> [String: Tensor] {
    var generator = SeededGenerator(seed: 7)
    let pixels = Self.batch * Self.size * Self.size
    _ = try trainer.gradients(
      images: (0..<(pixels * Self.channels)).map { _ in .random(in: -1...1, using: &generator) },
      features: [],
      targets: (0..<pixels).map { _ in Bool.random(using: &generator) ? 1 : 0 }, pixelWeights: [])
    return trainer.gradientTensors()
  }
}

/// What oneDNN takes for each layer of a U-Net, by precision.
private func implementations(_ choices: [EngineReport.Choice]) -> [String: [String]] {
  var names: [String: [String]] = [:]
  for choice in choices where choice.backend == .oneDNN {
    let precision = choice.precision.precision
    guard
      let network = try? ModelSettings().network(
        image: Shape(height: 128, width: 128, channels: 1)),
      let trainer = try? Trainer(
        network: network, batch: 1, height: 128, width: 128, loss: .bce(),
        optimizer: Optimizer(.adam()), seed: 1,
        engine: EngineSettings(threads: 1, backend: .oneDNN, precision: precision))
    else { continue }
    // One name for each direction of a layer.
    names[precision.rawValue] = trainer.implementations.values.flatMap {
      $0.components(separatedBy: ", ")
    }
  }
  return names
}

// MARK: Libraries and credentials

/// What the workspace's programs load; the engines name theirs, with the version, as two words or more.
private func libraries(_ choices: [EngineReport.Choice]) -> [EngineReport.Library] {
  var found = [
    EngineReport.Library("libcurl", TransferClient.libraryVersion),
    EngineReport.Library("libarchive", ArchiveLibrary.version),
  ]
  found += ImageFile.libraries.map { EngineReport.Library($0.name, $0.version) }
  for choice in choices {
    let words = (choice.engine?.library ?? "").split(separator: " ")
    guard words.count >= 2, !found.contains(where: { $0.name == words[0] }) else { continue }
    found.append(EngineReport.Library(String(words[0]), String(words[1])))
  }
  return found
}

private func kaggle() -> EngineReport.Kaggle {
  do {
    let found = try KaggleSettings.find(environment: ProcessInfo.processInfo.environment)
    return EngineReport.Kaggle(
      source: found.credentials.source, warnings: found.credentials.warnings)
  } catch let error as KaggleError where error.kind == .noCredentials {
    return EngineReport.Kaggle()
  } catch {
    return EngineReport.Kaggle(problem: "\(error)")
  }
}
