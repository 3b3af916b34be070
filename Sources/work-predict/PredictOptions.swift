// What the program of a bundle is asked for on its command line. By hand, since it links no more than it needs.

import Basics
import Foundation

struct PredictOptions: Equatable {
  /// Which sample submission gives rows and columns.
  enum Sample: Equatable {
    /// One found among the images' folders, where it fits.
    case found
    /// None: a row for each image.
    case none
    case file(String)
  }

  /// The folder of the images, or of the whole competition.
  var images = ""
  /// Where the submission goes.
  var output = ""
  /// Where pictures of masks go, in competitions that take such an archive; nil: beside the submission.
  var archive: String?
  var sample = Sample.found
  var threads = ProcessInfo.processInfo.activeProcessorCount
  /// Where intermediate files go; nil: the system's folder for them.
  var scratch: String?
  /// Images decoded at a time, at most; nil: as many as fit into the scratch folder's 1 GB.
  var atOnce: Int?
  var skipsBad = false
  var isQuiet = false
  var isDryRun = false

  static let usage = """
    Predicts the images of a competition by the models of this bundle, and writes a submission.

      predict --images FOLDER --output FILE [options]

      --images FOLDER   the test images, or the competition's folder with them and its tables
      --output FILE     the submission (.csv)
      --archive FILE    the archive of masks as pictures, where the competition takes one
                        (by default beside the submission)
      --sample FILE     the sample submission, whose rows and columns are kept; none: a row for each image
                        (by default the competition folder's, where it is there and its images are)
      --threads N       threads (by default one for each core)
      --scratch FOLDER  where intermediate files go: up to 1 GB (by default $TMPDIR or /tmp)
      --at-once N       images decoded at a time (by default as many as take 1 GB)
      --skip-bad        an image that is missing or can't be read gets an empty mask, and is named
      --dry-run         only looks what is there, and tells it as JSON
      --quiet           tells nothing but warnings
      --help            this text

    Ends with 0; 1 if it failed; 2 if the call or a file can't be used; 130 if it was interrupted.
    """

  /// - Returns: nil where help is asked for.
  /// - Throws: `InputError` for a call that can't be meant.
  init?(_ words: [String]) throws {
    var rest = words[...]
    while let word = rest.popFirst() {
      // As one word, too: --threads=4.
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      func value() throws -> String {
        guard let text = parts.count > 1 ? String(parts[1]) : rest.popFirst(), !text.isEmpty else {
          throw InputError("\(name): needs a value; --help lists the options")
        }
        return text
      }
      switch name {
      case "--help", "-h": return nil
      case "--images": images = try value()
      case "--output": output = try value()
      case "--archive": archive = try value()
      case "--sample":
        let text = try value()
        sample = text == "none" ? .none : .file(text)
      case "--threads": threads = try Self.number(name, value(), most: 1024)
      case "--at-once": atOnce = try Self.number(name, value(), most: 1_000_000)
      case "--scratch": scratch = try value()
      case "--skip-bad": skipsBad = true
      case "--quiet": isQuiet = true
      case "--dry-run": isDryRun = true
      default: throw InputError("\(word): no such option; --help lists them")
      }
    }
    guard !images.isEmpty else {
      throw InputError("--images FOLDER is missing: where the test images are; --help tells more")
    }
    guard !output.isEmpty || isDryRun else {
      throw InputError(
        "--output FILE is missing: where the submission is written; --help tells more")
    }
  }

  private static func number(_ name: String, _ text: String, most: Int) throws -> Int {
    guard let number = Int(text), (1...most).contains(number) else {
      throw InputError("\(name) \(text): should be a whole number from 1 to \(most)")
    }
    return number
  }
}
