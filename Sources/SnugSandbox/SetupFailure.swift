import SnugPlan
import SnugProfile

/// Words for a failed step of Init: the verb, the path the user wrote, the reason, the line that asked for it, one hint.
///
/// Runs in the launcher.
func describe(_ error: SetupError, _ plan: Plan) -> Diagnostic {
  let cause = error.cause
  let reason = [cause.code == 0 ? nil : errorText(cause.code), cause.reason.isEmpty ? nil : cause.reason]
    .compactMap { $0 }.joined(separator: ": ")
  if let index = error.op, plan.ops.indices.contains(index) {
    let planned = plan.ops[index]
    let step = planned.op
    // A path that the user's own line does not show is worth naming.
    let known = step.action.contains(cause.path)
    let detail = cause.path.isEmpty || known ? "" : "\(cause.call) \(cause.path): "
    return Diagnostic(
      "cannot \(step.action): \(detail)\(reason)", at: planned.origin, hint: hint(cause, step))
  }
  if error.step == .startApp && cause.call == "execve" { return describeExec(cause) }
  let path = cause.path.isEmpty || reason.contains(cause.path) ? "" : "\(cause.path): "
  let subject =
    error.step == .changeDirectory
    ? "change to the working directory \(plan.process.workingDirectory)" : error.step.action
  return Diagnostic("cannot \(subject): \(error.step == .changeDirectory ? "" : path)\(reason)", hint: hint(error))
}

/// 127 not found, 126 found but cannot be executed, 125 everything before.
func exitStatus(of error: SetupError) -> Int32 {
  guard error.step == .startApp, error.cause.call == "execve" else { return 125 }
  // The plan found it: what is missing is its interpreter or loader.
  return 126
}

private func describeExec(_ cause: KernelError) -> Diagnostic {
  let hint: String? =
    switch cause.code {
    case ErrorNumber.noEntry: "the interpreter or the loader that the file names is not visible inside"
    case 7: "the arguments and the environment are longer than the kernel takes, see execve(2)"
    case 8: "the file is no program and has no #! line"
    case ErrorNumber.accessDenied: "the file is not executable, or lies on a mount where nothing may be executed"
    default: nil
    }
  return Diagnostic("cannot run \(cause.path): \(errorText(cause.code))", hint: hint)
}

private func hint(_ cause: KernelError, _ op: Op) -> String? {
  var isDev = false, isBind = false, isOverlay = false, isProc = false
  switch op {
  case .dev: isDev = true
  case .bind: isBind = true
  case .overlay: isOverlay = true
  case .proc: isProc = true
  default: break
  }
  return switch cause.code {
  case ErrorNumber.noEntry where isDev: "this machine has no such device node of its own"
  case ErrorNumber.noEntry where isBind: "set if-missing = \"skip\" to start without it"
  case ErrorNumber.readOnlyFileSystem:
    "the place is below a read-only bind, where nothing can be made: give it a place that exists"
  case ErrorNumber.notDirectory: "a file can only stand on a file, and a directory on a directory"
  case ErrorNumber.tooManyLinks where isOverlay: "two of its directories are the same or lie within each other"
  case ErrorNumber.notPermitted where isProc:
    "the host's /proc is partly covered, as in a container; snug doctor tells more"
  default: nil
  }
}

private func hint(_ error: SetupError) -> String? {
  switch (error.step, error.cause.code) {
  case (.mapIdentity, _), (.stopPropagation, ErrorNumber.accessDenied), (.stopPropagation, ErrorNumber.notPermitted):
    "snug doctor tells what this machine forbids and the least change that allows it"
  case (.changeDirectory, ErrorNumber.noEntry): "set process.working-directory to a directory that is visible inside"
  case (.raiseLimits, _): "raise the hard limit of open files: ulimit -Hn"
  case (.startApp, 11): "the limit of processes is too low: process limits count PID 1 too"
  default: nil
  }
}
