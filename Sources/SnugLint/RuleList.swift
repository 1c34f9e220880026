extension Rule {
  /// Every rule, in the order of `--list`.
  public static let all: [Rule] = reading + compiling + correctness + waysOut + style + comments

  /// What stops a profile from being read.
  private static let reading: [Rule] = [
    .invalidTOML, .badVersion, .unknownKey, .missingKey, .wrongType, .unknownWord, .badNumber, .impossibleSize,
    .impossibleDuration, .unknownSignal, .badPath, .badText, .badProfileName, .badID, .badHostname, .badVariableName,
    .badBusName, .badBusRule, .badObjectPath, .badOp, .longList, .tooManyProblems, .unknownProfile, .unusableProfile,
    .extendsLoop,
  ]

  /// What stops it from becoming a plan.
  private static let compiling: [Rule] = [
    .unknownSystemCall, .contradictingSystemCall, .neededSystemCall, .missingSource, .refusedGrant, .takenTarget,
    .noPlace, .escapingLink, .missingHide, .badWorkingDirectory, .missingProgram, .cannotStartHere,
  ]

  /// What is very likely not meant.
  private static let correctness: [Rule] = [
    .coveredTarget, .hiddenOp, .earlyRemount, .duplicateGrant, .uselessGrant, .unusedRemoval, .unreachableHide,
    .unguardedHide, .redundantSeccompAllow, .keyWithoutEffect, .linkLeadsOutside,
  ]

  /// How the app, or what it writes, gets to run or look outside.
  private static let waysOut: [Rule] = waysOutThroughFiles + waysOutThroughSockets + waysOutThroughTheKernel

  private static let waysOutThroughFiles: [Rule] = [
    .writableHome, .writableSystem, .writableShellStart, .writableSearchPath, .writableAutostart,
    .writableDesktopEntries, .writableUserServices, .writableSSH, .writableGnuPG, .writableGitSettings,
    .writableWorkTree, .writableSnugSettings, .writableOtherApp, .writableCodeCache, .readableSecrets,
  ]

  private static let waysOutThroughSockets: [Rule] = [
    .socketDirectory, .containerSocket, .agentSocket, .unfilteredBus, .systemdOverBus, .flatpakSpawnOverBus,
    .desktopShellOverBus, .dconfOverBus, .secretsOverBus, .filesOverBus, .x11Access, .plainWayland,
    .hostNetwork, .reachableAbstractSockets, .soundRecording,
  ]

  private static let waysOutThroughTheKernel: [Rule] = [
    .hostProc, .hostSys, .unfilteredSystemCalls, .tracing, .nestedNamespaces, .rawDevice, .hostDevice,
    .loaderVariables, .cameraAccess, .controllerAccess, .virtualMachines, .usbAccess,
  ]

  /// What could be written better.
  private static let style: [Rule] = [.missingSummary, .portablePath, .unsortedList, .deprecatedKey]

  /// What is wrong with the comments that allow findings.
  private static let comments: [Rule] = [.allowWithoutReason, .unknownRule, .unusedAllow]

  /// Whether a comment can allow what it finds: not what cannot be read, and not what is wrong with such comments.
  public var canBeAllowed: Bool { !Rule.unallowable.contains(name) }

  private static let unallowable = Set((reading + comments).map(\.name))
}
