import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

// What makes a start of `snug run` an instance: its name, its entry, and handing over to one that runs already.

extension RunProfile {
  /// Whose name it is.
  enum Claimed {
    /// Ours; nil where this machine has no place for a registry, and none is needed.
    case ours(Claim?)
    /// That of a running instance of a `single` profile.
    case handOver(String, ControlSocket)
  }

  /// Nil where this machine has no place for one.
  func openRegistry() throws(Sandbox.Failure) -> Registry? {
    do throws(Diagnostic) { return try Registry.open(session.host) } catch { throw failure(125, [error]) }
  }

  /// Takes the name that was asked for, or a made one.
  func claimName(_ profile: Profile, _ plan: Plan, _ registry: Registry?) throws(Sandbox.Failure) -> Claimed {
    do throws(Diagnostic) {
      guard let registry else {
        let option = request.instance != nil ? "--name" : request.detach ? "--detach" : request.keep ? "--keep" : nil
        guard let option else { return .ours(nil) }
        throw Diagnostic(
          "cannot list the instance: XDG_RUNTIME_DIR is not set, and there is no /run/user/\(session.host.uid)",
          at: .option(option), hint: "log in through a session manager, or set it to a directory of your own, mode 0700"
        )
      }
      // A profile that runs once has one name: whoever claims it first starts it.
      let isSingle = profile.process.single.value && !request.keep
      var name = try request.instance.map { words throws(Diagnostic) in try InstanceName(words) }
      if name == nil, isSingle { name = try singleName(plan.profile) }
      do throws(Diagnostic) {
        return .ours(try registry.claim(name, profile: plan.profile))
      } catch {
        guard isSingle, let name, let socket = try join(name, of: plan.profile, registry) else { throw error }
        return .handOver(name.text, socket)
      }
    } catch {
      throw failure(125, [error])
    }
  }

  /// The name of the one instance of a profile: its own, without the directory of a file.
  private func singleName(_ profile: String) throws(Diagnostic) -> InstanceName {
    try InstanceName(String(profile.split(separator: "/").last ?? ""))
  }

  /// A connection to the instance that has the name; it may be about to start. Nil where it is of another profile.
  private func join(_ name: InstanceName, of profile: String, _ registry: Registry) throws(Diagnostic)
    -> ControlSocket?
  {
    let end = csnug_clock_ms() + 10_000
    while true {
      do throws(Diagnostic) {
        let entry = try registry.find(name.text)
        guard entry.isSingle, entry.profile == profile else { return nil }
        return ControlSocket(try registry.connect(to: entry))
      } catch {
        if csnug_clock_ms() > end { throw error }
        _ = csnug_poll(nil, nil, 0, 10)
      }
    }
  }

  /// Runs the profile's program with these arguments in the instance that is there: a browser opens its link, an editor
  /// its file, as far as the program itself talks to its first self.
  func handOver(_ plan: Plan, to name: String, _ socket: ControlSocket) throws(Sandbox.Failure) -> Int32 {
    do throws(Diagnostic) {
      for word in request.words.dropFirst() { try checkSeen(word, name) }
    } catch {
      throw failure(125, [error])
    }
    return execute(ExecRequest(words: plan.command), in: name, socket, outputLimit: nil, record)
  }

  /// A file that is named on the command line must be the same one inside.
  private func checkSeen(_ word: [UInt8], _ instance: String) throws(Diagnostic) {
    guard let path = fileName(word, session.host), let outside = OpenFile(at: path) else { return }
    // A connection serves one request, and ours is for the command.
    let file = try? openInside(path, instance, connect(to: instance))
    defer { if let file { _ = csnug_close(file) } }
    if let file, OpenFile(file) == outside { return }
    throw Diagnostic(
      "cannot hand \(path) to \(instance), which runs already: it does not see that file",
      hint: "snug stop \(instance), then start it with --read \(path)")
  }

  /// The entry is written between the clone and the app's start.
  func listing(_ claim: Claim, _ profile: Profile, _ plan: Plan) -> Sandbox.Listing {
    var last: Entry?
    return Sandbox.Listing(instance: claim.name.text, listener: claim.listener) { pid, isPaused, lost in
      var entry = Entry(
        claim.name, profile: plan.profile, appID: plan.id, pid: pid, isDetached: request.detach, isKept: request.keep,
        isSingle: profile.process.single.value && !request.keep, notEnforced: plan.notEnforced + lost)
      if let last, last.first == entry.first { entry = last }
      entry.isPaused = isPaused
      last = entry
      do throws(Diagnostic) {
        try claim.publish(entry)
        return nil
      } catch {
        return error
      }
    }
  }
}
