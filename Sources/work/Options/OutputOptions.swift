// The options that say how much a command prints, and in which form.

import ArgumentParser

struct OutputOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Print only warnings, errors, and what was asked for.")
  var quiet = false

  @Flag(help: "Print JSON instead of text.")
  var json = false
}
