// The texts of a bundle that people and shells read.

enum BundleTexts {
  /// The script that starts the program by the bundle's own loader, so that nothing of the machine's is loaded.
  static func start(loader: String, program: String) -> String {
    """
    #!/bin/sh
    # Predicts test images: ./predict --images FOLDER --output submission.csv (--help tells more).
    # The program is started by the loader beside it, with the libraries beside it, whatever the machine has.
    case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
    here=$(cd "$here" && pwd) || exit 1
    WORK_BUNDLE=$here
    export WORK_BUNDLE
    unset LD_LIBRARY_PATH LD_PRELOAD
    exec "$here/lib/\(loader)" --library-path "$here/lib" "$here/bin/\(program)" "$@"

    """
  }

  static func readme(_ manifest: BundleManifest, title: String) -> String {
    let score = manifest.score.map { "\nIts score out of fold: \($0)." } ?? ""
    let overrides =
      manifest.overridden.isEmpty
      ? "" : "\nParameters of that run's command: \(manifest.overridden.joined(separator: ", "))."
    return """
      # \(title): a bundle to predict with

      Made by `work bundle`\(manifest.run.map { " from the run \($0)" } ?? "").\(score)\(overrides)

      ```sh
      ./predict --images FOLDER --output submission.csv
      ```

      FOLDER holds the test images, or the whole competition as Kaggle serves it. It runs on Linux on x86-64, needs
      nothing installed and no network, and chooses its kernels by the processor that it finds. `./predict --help` lists
      all options. It ends with 0; 1 if it failed; 2 if the call or a file can't be used; 130 if it was interrupted.

      | | |
      | --- | --- |
      | `predict` | starts the program |
      | `predict.ipynb` | a notebook that does so at Kaggle, with this folder as a dataset beside the competition |
      | `bin`, `lib` | the program, and every library that it loads, the loader and the C library among them |
      | `models` | \(manifest.models.count) models, one a fold, as safetensors |
      | `postprocessing.json` | what turns probabilities into masks |
      | `bundle.json` | parameters of the run, and the digests of the files above |
      | `licences` | of all that is here |

      """
  }
}
