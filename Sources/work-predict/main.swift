// The program of a bundle (`work bundle`): test images in, a submission out, with nothing installed. It links the
// modules of the stages and none of the runner.

import Basics
import Bundles
import Foundation
import Workbench

/// The folder of this call's links and intermediate files.
func makeScratch(_ options: PredictOptions) throws -> URL {
  let parent =
    options.scratch.map { URL(fileURLWithPath: $0, isDirectory: true) }
    ?? FileManager.default.temporaryDirectory
  let folder = parent.appendingPathComponent("work-predict-\(getpid())", isDirectory: true)
  try WholeFile.remove(folder)
  try WholeFile.makeFolder(folder)
  return folder
}

func fail(_ error: any Error) -> Never {
  fflush(nil)
  try? FileHandle.standardError.write(contentsOf: Data("error: \(error)\n".utf8))
  exit(((error as? any Failing)?.exit ?? .failed).rawValue)
}

do {
  guard !CommandLine.arguments.isEmpty else {
    throw InputError("/proc isn't there, where a program reads what it is asked for; mount it")
  }
  guard let options = try PredictOptions(Array(CommandLine.arguments.dropFirst())) else {
    print(PredictOptions.usage)
    exit(0)
  }
  // The program lies in the bundle's folder `bin`; what starts it says where that is, since the program that the
  // system sees is the bundle's own loader.
  guard let path = ProcessInfo.processInfo.environment["WORK_BUNDLE"] else {
    throw InputError("start `predict` in the bundle's folder, not this program by itself")
  }
  let scratch = try makeScratch(options)
  // What it began is removed, also when it is stopped.
  let signals = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      try? FileManager.default.removeItem(at: scratch)
      exit(ExitCode.interrupted.rawValue)
    }
    source.resume()
    return source
  }
  let prediction = BundlePrediction(
    bundle: URL(fileURLWithPath: path, isDirectory: true), options: options, scratch: scratch)
  do { try prediction.run() } catch {
    try? FileManager.default.removeItem(at: scratch)
    fail(error)
  }
  try? FileManager.default.removeItem(at: scratch)
  withExtendedLifetime(signals) {}
} catch {
  fail(error)
}
