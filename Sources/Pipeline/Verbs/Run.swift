// `work run`.

extension Runner {
  /// Runs what is stale among the targets and everything before them.
  ///
  /// A failing stage doesn't throw: the summary says so, and its exit code.
  /// - Throws: `PipelineError` where the run can't start.
  public func run(_ options: RunOptions, observer: any RunObserver) throws -> RunSummary {
    try RunSession(project, options, builder: builder, observer: observer, step: step).run()
  }
}
