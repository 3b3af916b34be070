// The tree of commands, in the groups that `work --help` lists and the folders of Commands/ have.

import ArgumentParser

struct Work: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work",
    abstract: "A Kaggle competition workbench: from the download to submission.csv.",
    discussion: """
      Works in the workspace around the current folder: the first folder upwards that has stages/ and \
      params.yaml. Start with `work demo`, or with Kaggle's credentials and `work run all`.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Running",
        subcommands: [
          InitCommand.self, PlanCommand.self, RunCommand.self, BuildCommand.self, DemoCommand.self,
          EDACommand.self,
          StopCommand.self, ExtendCommand.self, CancelCommand.self, AcceptCommand.self,
        ]),
      CommandGroup(name: "Sweeps", subcommands: [SweepCommand.self, QueueCommand.self]),
      CommandGroup(
        name: "State",
        subcommands: [
          StatusCommand.self, ServeCommand.self, WatchCommand.self, DAGCommand.self,
          WhyCommand.self, LogCommand.self,
        ]),
      CommandGroup(
        name: "Page",
        subcommands: [
          OpenCommand.self, BookCommand.self, ExportCommand.self, ImportCommand.self,
          NewCommand.self,
        ]),
      CommandGroup(
        name: "Run History",
        subcommands: [
          RunsCommand.self, ScoresCommand.self, BlendCommand.self, ParamsCommand.self,
          MetricsCommand.self,
        ]),
      CommandGroup(
        name: "Kaggle",
        subcommands: [
          BundleCommand.self, SubmitCommand.self, SubmissionsCommand.self, LeaderboardCommand.self,
          KaggleCommand.self,
        ]),
      CommandGroup(
        name: "Disk Space", subcommands: [CacheCommand.self, GCCommand.self, CleanCommand.self]),
      CommandGroup(name: "Weights", subcommands: [WeightsCommand.self]),
      CommandGroup(
        name: "Machine", subcommands: [BenchCommand.self, LRFindCommand.self, DoctorCommand.self]),
    ])
}
