// Runs one target under libFuzzer: `FUZZ_TARGET=NAME Fuzz [OPTION]… FOLDER`, with libFuzzer's own options.
// `Fuzz --list` names the targets, `Fuzz --seeds FOLDER` writes the inputs with which that target begins.
// (The target is no argument, since libFuzzer starts itself anew with the arguments that it got.)

import Foundation

let targets =
  pictureTargets + archiveTargets + tableTargets + settingsTargets + recordTargets + scriptTargets
  + weightsTargets + modelTargets + servedTargets + answerTargets + stateTargets

/// libFuzzer's driver; it is linked without its `main`, since this program has one.
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Ends the program over a command line that can't be meant.
func refuse(_ words: String) -> Never {
  FileHandle.standardError.write(Data("error: \(words)\n".utf8))
  exit(64)
}

if CommandLine.arguments.dropFirst() == ["--list"] {
  print(targets.map(\.name).joined(separator: "\n"))
  exit(0)
}
let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
guard let target = targets.first(where: { $0.name == name }) else {
  refuse("FUZZ_TARGET should be one of \(targets.map(\.name).joined(separator: ", "))")
}
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--seeds" {
  let folder = URL(fileURLWithPath: CommandLine.arguments[2], isDirectory: true)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  for (number, seed) in try target.seeds().enumerated() {
    try seed.write(to: folder.appendingPathComponent("seed-\(number)"))
  }
  exit(0)
}

/// The target of this process. (A function that C calls can't capture it.)
let chosen = target
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let status = runFuzzer(&count, &arguments) { bytes, count in
  // What a decoder refuses, it throws; only crashes, hangs and broken promises are findings.
  try? chosen.body(Data(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
exit(status)
