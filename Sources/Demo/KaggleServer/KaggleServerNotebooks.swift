// The datasets and notebooks of the demo's server, as a code competition needs them. No notebook runs: what becomes of
// one is set before.

import FlyingFox
package import Foundation

struct KaggleServerNotebooks: Sendable {
  /// A dataset: the archive of each version.
  struct Dataset: Sendable {
    var versions: [Data]
    /// How often it is told as being unpacked.
    var pending: Int
  }

  /// A version of a notebook as it was saved.
  struct Version: Sendable {
    var values: [String: String]
    /// How often it is told as running.
    var pending: Int
  }

  /// By `owner/slug`.
  var datasets: [String: Dataset] = [:]
  /// By `owner/slug`.
  var notebooks: [String: [Version]] = [:]
  /// Told as unfinished so many times.
  var pendingCount = 1
  /// What Kaggle says of a notebook that fails; nil for one that doesn't.
  var failure: String?
  /// What it says where it doesn't take a notebook.
  var refusal: String?
  /// Whether a notebook that ends well has written its output.
  var writesOutput = true
}

extension KaggleServer {
  func dataset(_ call: KaggleServerCall) -> HTTPResponse {
    let slug = call.values["datasetSlug"] ?? call["slug"]
    let name = "\(call["ownerSlug"])/\(slug)"
    guard call["ownerSlug"] == username else {
      return refusal(call.style, .forbidden, "Permission 'datasets.get' was denied")
    }
    switch call.operation {
    case .datasetStatus:
      guard let dataset = notebooks.datasets[name] else {
        return refusal(call.style, .notFound, "NotFound")
      }
      notebooks.datasets[name]?.pending -= 1
      return json(.ok, ["status": dataset.pending > 0 ? "BLOBS_RECEIVED" : "READY"])
    case .createDataset where notebooks.datasets[name] != nil:
      return json(.ok, ["status": "error", "error": "The requested title is already in use"])
    default:
      guard let upload = submissions.uploads[call["files"]], upload.isComplete else {
        return json(.ok, ["status": "error", "error": "The upload isn't whole"])
      }
      let versions = (notebooks.datasets[name]?.versions ?? []) + [upload.bytes]
      notebooks.datasets[name] = .init(versions: versions, pending: notebooks.pendingCount)
      return json(.ok, ["status": "ok", "url": "https://www.kaggle.com/datasets/\(name)"])
    }
  }

  func notebook(_ call: KaggleServerCall) -> HTTPResponse {
    if case .saveNotebook = call.operation { return save(call) }
    let name = "\(call["userName"])/\(call["kernelSlug"])"
    guard let version = notebooks.notebooks[name]?.last else {
      return refusal(call.style, .forbidden, "Permission 'kernels.get' was denied")
    }
    if case .notebookOutput = call.operation {
      let log = [["stream_name": "stdout", "data": "bundle: found\nerror: it broke\n"]]
      let text = (try? JSONSerialization.data(withJSONObject: log)).map {
        String(decoding: $0, as: UTF8.self)
      }
      let files = notebooks.writesOutput ? [["fileName": "submission.csv", "url": ""]] : []
      return json(.ok, ["log": text ?? "", "files": files])
    }
    let count = notebooks.notebooks[name]?.count ?? 1
    notebooks.notebooks[name]?[count - 1].pending -= 1
    if version.pending > 0 { return json(.ok, ["status": "RUNNING"]) }
    guard let failure = notebooks.failure else { return json(.ok, ["status": "COMPLETE"]) }
    return json(.ok, ["status": "ERROR", "failureMessage": failure])
  }

  private func save(_ call: KaggleServerCall) -> HTTPResponse {
    if let refusal = notebooks.refusal { return json(.ok, ["error": refusal]) }
    let sources = call["datasetDataSources"].split(separator: ",").map(String.init)
    let unknown = sources.filter { notebooks.datasets[$0] == nil }
    guard unknown.isEmpty else {
      return json(.ok, ["versionNumber": 1, "invalidDatasetSources": unknown])
    }
    notebooks.notebooks[call["slug"], default: []].append(
      .init(values: call.values, pending: notebooks.pendingCount))
    let number = notebooks.notebooks[call["slug"]]?.count ?? 1
    return json(.ok, ["ref": "/code/\(call["slug"])", "versionNumber": number, "error": ""])
  }

  func createFromNotebook(_ call: KaggleServerCall) -> HTTPResponse {
    let name = "\(call["kernelOwner"])/\(call["kernelSlug"])"
    let count = notebooks.notebooks[name]?.count ?? 0
    let isKnown = call.number("kernelVersion").map { (1...max(1, count)).contains($0) } ?? false
    return answer(toOrder: call, problem: "The notebook has no such version") {
      guard isKnown, count > 0 else { return nil }
      return submissions.create(
        file: call["fileName"], bytes: Data(), description: call["submissionDescription"])
    }
  }

  // MARK: For tests

  /// Sets what becomes of datasets and notebooks.
  /// - Parameters:
  ///   - pending: how often they are told as unfinished.
  ///   - failure: what is said of a notebook that fails; nil: it ends well.
  ///   - refusal: what is said where no notebook is taken; nil: it is.
  ///   - writesOutput: whether a notebook that ends well has written its output.
  package func runNotebooks(
    pending: Int = 1, failure: String? = nil, refusal: String? = nil, writesOutput: Bool = true
  ) {
    (notebooks.pendingCount, notebooks.failure) = (pending, failure)
    (notebooks.refusal, notebooks.writesOutput) = (refusal, writesOutput)
  }

  /// The archives of a dataset's versions, by `owner/slug`.
  package var datasets: [String: [Data]] { notebooks.datasets.mapValues(\.versions) }

  /// What was said of each version of the notebooks, by `owner/slug`.
  package var savedNotebooks: [String: [[String: String]]] {
    notebooks.notebooks.mapValues { $0.map(\.values) }
  }
}
