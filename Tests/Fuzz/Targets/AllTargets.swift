// Debug builds alone: the targets look behind what is public.
#if DEBUG
  /// Every reader of what others write, by whom.
  package let fuzzTargets: [FuzzTarget] =
    profileTargets + commandLineTargets + desktopTargets + busTargets + controlTargets + kernelTextTargets
    + pathTargets + fileTargets + windowTargets + soundTargets
#endif
