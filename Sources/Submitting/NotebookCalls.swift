// What is asked and ordered for a notebook's submission, in both styles of Kaggle's API: who the user is, a private
// dataset with the bundle, a notebook without internet, how both get on.

import Basics
import Foundation
import Kaggle
import Transfer

extension KaggleCall {
  /// Whose an access token is.
  static func owner(of token: Secret) -> KaggleCall {
    let fields: [JSONValue.Member] = [.init("token", .string(token.revealed))]
    return KaggleCall(
      "IntrospectToken", of: .accounts, fields, rest: "oauth2/introspect", .json(.object(fields)))
  }

  /// Begins an upload to a dataset. Doing it twice makes an upload that nobody uses.
  static func startBlob(name: String, bytes: Int64, modified: Int64) -> KaggleCall {
    let fields: [JSONValue.Member] = [
      .init("type", .string("DATASET")), .init("name", .string(name)),
      .init("contentLength", .int(Int(bytes))),
      .init("lastModifiedEpochSeconds", .int(Int(modified))),
    ]
    return KaggleCall(
      "StartBlobUpload", of: .blobs, fields, rest: "blobs/upload", .json(.object(fields)))
  }

  static func datasetStatus(_ owner: String, _ slug: String) -> KaggleCall {
    KaggleCall(
      "GetDatasetStatus", of: .datasets, place(owner, slug),
      rest: "datasets/status/\(owner)/\(slug)"
    )
  }

  /// Makes a private dataset of an upload. A second one of that name is refused.
  static func createDataset(_ owner: String, _ slug: String, title: String, token: String)
    -> KaggleCall
  {
    let fields: [JSONValue.Member] = [
      .init("ownerSlug", .string(owner)), .init("slug", .string(slug)),
      .init("title", .string(title)), .init("licenseName", .string("other")),
      .init("isPrivate", .bool(true)), .init("files", files(token)),
      .init("categoryIds", .array([])),
    ]
    return KaggleCall(
      "CreateDataset", of: .datasets, fields, rest: "datasets/create/new", .json(.object(fields)),
      mayBeRepeated: false)
  }

  /// Makes an upload the next version of a dataset. One more of the same does no harm.
  static func createDatasetVersion(_ owner: String, _ slug: String, notes: String, token: String)
    -> KaggleCall
  {
    let body: [JSONValue.Member] = [
      .init("versionNotes", .string(notes)), .init("deleteOldVersions", .bool(false)),
      .init("files", files(token)), .init("categoryIds", .array([])),
    ]
    return KaggleCall(
      "CreateDatasetVersion", of: .datasets,
      place(owner, slug) + [.init("body", .object(body))],
      rest: "datasets/create/version/\(owner)/\(slug)", .json(.object(body)))
  }

  /// Saves a version of a notebook and runs it: private, without internet and accelerators. Each runs by itself.
  static func saveNotebook(_ notebook: Notebook) -> KaggleCall {
    let fields: [JSONValue.Member] = [
      .init("slug", .string("\(notebook.owner)/\(notebook.slug)")),
      .init("newTitle", .string(notebook.title)), .init("text", .string(notebook.text)),
      .init("language", .string("python")), .init("kernelType", .string("notebook")),
      .init("isPrivate", .bool(true)), .init("enableGpu", .bool(false)),
      .init("enableTpu", .bool(false)), .init("enableInternet", .bool(false)),
      .init("datasetDataSources", .array([.string(notebook.dataset)])),
      .init("competitionDataSources", .array([.string(notebook.competition)])),
      .init("kernelDataSources", .array([])), .init("modelDataSources", .array([])),
      .init("categoryIds", .array([])),
    ]
    return KaggleCall(
      "SaveKernel", of: .kernels, fields, rest: "kernels/push", .json(.object(fields)),
      mayBeRepeated: false)
  }

  static func notebookStatus(_ version: NotebookVersion) -> KaggleCall {
    KaggleCall(
      "GetKernelSessionStatus", of: .kernels, session(version),
      rest: "kernels/status?\(query(version))")
  }

  /// What a notebook has printed and written.
  static func notebookOutput(_ version: NotebookVersion) -> KaggleCall {
    KaggleCall(
      "ListKernelSessionOutput", of: .kernels, session(version),
      rest: "kernels/output?\(query(version))")
  }

  private static func place(_ owner: String, _ slug: String) -> [JSONValue.Member] {
    [.init("ownerSlug", .string(owner)), .init("datasetSlug", .string(slug))]
  }

  private static func files(_ token: String) -> JSONValue {
    .array([.object([.init("token", .string(token))])])
  }

  private static func query(_ version: NotebookVersion) -> String {
    "userName=\(version.owner)&kernelSlug=\(version.slug)&versionLabel=v\(version.number)"
  }

  private static func session(_ version: NotebookVersion) -> [JSONValue.Member] {
    [
      .init("userName", .string(version.owner)), .init("kernelSlug", .string(version.slug)),
      .init("versionLabel", .string("v\(version.number)")),
    ]
  }
}
