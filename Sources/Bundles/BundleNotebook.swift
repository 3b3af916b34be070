// The notebook that runs a bundle at Kaggle: it finds the dataset and the competition below /kaggle/input, starts the
// program and writes the submission. Python's own library is all it needs.

import Basics
import Foundation

struct BundleNotebook {
  private let manifest: BundleManifest
  private let title: String

  init(_ manifest: BundleManifest, title: String) {
    (self.manifest, self.title) = (manifest, title)
  }

  private struct Notebook: Encodable {
    struct Cell: Encodable {
      var cellType: String
      var id: String
      var source: String
      var isCode: Bool { cellType == "code" }

      enum Key: String, CodingKey {
        case cellType = "cell_type"
        case executionCount = "execution_count"
        case id, metadata, outputs, source
      }

      func encode(to encoder: any Encoder) throws {
        var cell = encoder.container(keyedBy: Key.self)
        try cell.encode(cellType, forKey: .cellType)
        try cell.encode(id, forKey: .id)
        try cell.encode([String: String](), forKey: .metadata)
        try cell.encode(source, forKey: .source)
        guard isCode else { return }
        try cell.encodeNil(forKey: .executionCount)
        try cell.encode([String](), forKey: .outputs)
      }
    }
    struct Kernel: Encodable {
      var display_name = "Python 3"
      var language = "python"
      var name = "python3"
    }
    struct Metadata: Encodable { var kernelspec = Kernel() }
    var cells: [Cell]
    var metadata = Metadata()
    var nbformat = 4
    var nbformat_minor = 5
  }

  /// The notebook as a file.
  func text() throws -> String {
    let notebook = Notebook(cells: [
      .init(cellType: "markdown", id: "about", source: about),
      .init(cellType: "code", id: "predict", source: code),
    ])
    return String(decoding: try JSON.pretty(notebook), as: UTF8.self) + "\n"
  }

  private var about: String {
    """
    # \(title): predict

    Runs the program of a bundle (`work bundle`) on the competition's test images and writes the submission. The bundle \
    is a dataset beside this notebook, and so is the competition; neither internet nor an accelerator is needed.
    """
  }

  private var code: String {
    """
    import os
    import shutil
    import subprocess
    import tempfile
    from pathlib import Path

    INPUT = Path(os.environ.get("WORK_INPUT", "/kaggle/input"))
    OUTPUT = Path(os.environ.get("WORK_OUTPUT", "/kaggle/working"))
    COMPETITION = \(JSONValue.quoted(manifest.slug ?? ""))


    def folders(root, depth):
        "Folders, the upper ones first; of those with many files no more is read than their names."
        level = [root]
        for _ in range(depth):
            yield from level
            level = [Path(entry.path) for folder in level for entry in os.scandir(folder) if entry.is_dir()]


    found = next((f for f in folders(INPUT, 6) if (f / "bundle.json").is_file() and (f / "predict").is_file()), None)
    if found is None:
        raise SystemExit(f"no bundle below {INPUT}: add the dataset that `work submit --notebook` made")
    images = next((f for f in folders(INPUT, 4) if f.name == COMPETITION and f != found), None)
    if images is None:
        raise SystemExit(f"no folder {COMPETITION} below {INPUT}: add the competition as an input")
    print("bundle:", found, "- competition:", images, flush=True)

    # Inputs are read-only, and their files can't be executed.
    bundle = Path(tempfile.mkdtemp()) / "bundle"
    shutil.copytree(found, bundle)
    for name in ["predict", "bin/work-predict", *(f"lib/{p.name}" for p in (bundle / "lib").glob("ld-*"))]:
        (bundle / name).chmod(0o755)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    command = [bundle / "predict", "--images", images, "--output", OUTPUT / "submission.csv"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        for line in run.stdout:
            print(line, end="", flush=True)
    shutil.rmtree(bundle.parent, ignore_errors=True)
    if run.returncode != 0:
        raise SystemExit(f"predict ended with {run.returncode}")
    """
  }
}
