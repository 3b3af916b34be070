// Files between this engine and Python, by the safetensors package that PyTorch users have. Skipped
// where python3 lacks it; SafetensorsTests and the golden files test the format without it.

import Foundation
import Neural
import TestSupport
import Testing

/// The python3 of this shell's PATH.
private enum Python {
  static let hasSafetensors = (try? run("import numpy, safetensors.numpy", []))?.status == 0

  static func run(_ script: String, _ arguments: [String]) throws -> (status: Int32, output: String)
  {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script] + arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}

@Suite(.enabled(if: Python.hasSafetensors, "python3 has no packages safetensors and numpy"))
struct InterchangeTests {
  /// Loads one file, as PyTorch tensors where there is PyTorch, and saves it as another, with a
  /// counter beside every batch norm as PyTorch's own have it.
  private static let copy = """
    import sys
    try:
        import torch
        from safetensors.torch import load_file, save_file
        counter = lambda: torch.tensor(3)
    except ImportError:
        import numpy
        from safetensors.numpy import load_file, save_file
        counter = lambda: numpy.array(3, dtype="int64")
    tensors = load_file(sys.argv[1])
    for name in [n for n in tensors if n.endswith("running_var")]:
        tensors[name.replace("running_var", "num_batches_tracked")] = counter()
    save_file(tensors, sys.argv[2])
    print(len(tensors))
    """

  @Test func checkpointsThereAndBack() throws {
    let model = SmallUNet()
    let trainer = try model.trainer(batch: 3, optimizer: Optimizer(.adamW(), averageDecay: 0.9))
    _ = try trainer.step(Batch(model, count: 3, seed: 2))
    let folder = try TemporaryFolder()
    let (ours, theirs) = (
      folder.url.appendingPathComponent("ours"), folder.url.appendingPathComponent("theirs")
    )
    try trainer.checkpoint(metadata: ["note": "Größe \"1\"\n"]).write(to: ours)
    let result = try Python.run(Self.copy, [ours.path, theirs.path])
    try #require(result.status == 0, "\(result.output)")
    let written = try Weights(contentsOf: ours)
    let returned = try Weights(contentsOf: theirs)
    #expect(returned.tensors == written.tensors)
    let norms = written.tensors.keys.count { $0.hasSuffix("running_var") }
    #expect(norms > 0)
    #expect(
      result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        == "\(written.tensors.count + norms)")
    // Weights without the optimizer's state make another trainer's.
    let other = try model.trainer(batch: 3, seed: 9)
    try other.load(
      Weights(
        tensors: returned.tensors.filter {
          !$0.key.hasPrefix("optimizer/") && !$0.key.hasPrefix("average/")
        }))
    #expect(other.weights().tensors == trainer.weights().tensors)
  }
}
