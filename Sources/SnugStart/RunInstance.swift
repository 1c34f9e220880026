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

  /// Nil where this caller has no place for one, such as root with another user's environment: then the instance is not
  /// listed, unless that is what was asked for.
  func openRegistry() throws(Sandbox.Failure) -> Registry? {
    let isOptional = request.instance == nil && !request.detach && !request.keep
    do throws(Diagnostic) {
      return try Registry.open(session.host, isOptional: isOptional)
    } catch {
      throw failure(125, [error])
    }
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
      if isSingle, let name { return try claimSingle(name, plan.profile, registry) }
      return .ours(try registry.claim(name, profile: plan.profile))
    } catch {
      throw failure(125, [error])
    }
  }

  /// The name of the one instance of a profile: its own, without the directory of a file.
  private func singleName(_ profile: String) throws(Diagnostic) -> InstanceName {
    try InstanceName(String(profile.split(separator: "/").last ?? ""))
  }

  /// The name, or a connection to the instance of that profile that has it. Who has it may be about to start or to end,
  /// and neither takes long.
  private func claimSingle(_ name: InstanceName, _ profile: String, _ registry: Registry) throws(Diagnostic) -> Claimed
  {
    let end = csnug_clock_ms() + 10_000
    var wasFree = false
    while true {
      let problem: Diagnostic
      do throws(Diagnostic) { return .ours(try registry.claim(name, profile: profile)) } catch { problem = error }
      if let entry = try? registry.find(name) {
        guard entry.isSingle, entry.profile == profile else { throw problem }
        do throws(Diagnostic) {
          return .handOver(name.text, ControlSocket(try registry.connect(to: entry)))
        } catch {
          if csnug_clock_ms() > end { throw error }
        }
      } else if !registry.isTaken(name) {
        // Once it may have ended in between; twice, and the name is not what is in the way.
        if wasFree { throw problem }
        wasFree = true
      } else if csnug_clock_ms() > end {
        throw problem
      }
      _ = csnug_poll(nil, nil, 0, 10)
    }
  }

  /// Runs the profile's program with these arguments in the instance that is there: a browser opens its link, an editor
  /// its file, as far as the program itself talks to its first self.
  func handOver(_ plan: Plan, to name: String, _ socket: ControlSocket) throws(Sandbox.Failure) -> Int32 {
    var plan = plan
    // What the document portal lends is seen by every instance of the app.
    let lent = Set((plan.portals?.lent ?? []).map { plan.command.count - $0.fromEnd })
    var words: [[UInt8]] = []
    do throws(Diagnostic) {
      try lendFiles(&plan)
      words = plan.command
      for (index, word) in request.words.enumerated().dropFirst()
      where !lent.contains(words.count - request.words.count + index) {
        guard let path = fileName(word, session.host) else { continue }
        try checkSeen(path, name)
        // The one that runs has a working directory of its own. A URI stays what it is.
        let place = words.count - request.words.count + index
        let isRelative = word.first != UInt8(ascii: "/") && !word.starts(with: Array("file:".utf8))
        if isRelative, words.indices.contains(place), words[place] == word {
          words[place] = Array(path.utf8)
        }
      }
    } catch {
      throw failure(125, [error])
    }
    return execute(ExecRequest(words: words), in: name, socket, outputLimit: nil, record)
  }

  /// A file that is named on the command line must be the same one inside.
  private func checkSeen(_ path: String, _ instance: String) throws(Diagnostic) {
    guard let outside = OpenFile(at: path) else { return }
    // A connection serves one request, and ours is for the command.
    let file = try? openInside(path, instance, connect(to: instance))
    defer { if let file { _ = csnug_close(file) } }
    if let file, OpenFile(file) == outside { return }
    throw Diagnostic(
      "cannot hand \(path) to \(instance), which runs already: it does not see that file",
      hint: "snug stop \(instance), then start it with --read \(path)")
  }

  /// From here on this launcher is in the other instance's network, and what it starts stays there.
  func shareNetwork(of instance: String, _ plan: inout Plan) throws(Sandbox.Failure) {
    let option = Origin.option("--share-network-with")
    do throws(Diagnostic) {
      guard plan.namespaces.contains(.network) else {
        throw Diagnostic(
          "cannot share the network of \(instance): the profile takes the host's", at: option,
          hint: "set network.mode = \"none\", or --network none")
      }
      let namespaces = try ask(connect(to: instance), .network, instance: instance)
      do throws(KernelError) {
        try joinNetwork(namespaces)
      } catch {
        throw Diagnostic("cannot share the network of \(instance): \(errorText(error.code))", at: option)
      }
      plan.namespaces.removeAll { $0 == .network }
      // What connects that network is the other's as well.
      plan.privateNetwork = nil
    } catch {
      throw failure(125, [error])
    }
  }

  /// The entry is written between the clone and the app's start.
  func listing(_ claim: Claim, _ profile: Profile, _ plan: Plan) -> Sandbox.Listing {
    var last: Entry?
    return Sandbox.Listing(instance: claim.name.text, listener: claim.listener) { pid, isPaused, lost in
      var entry = Entry(
        claim.name, profile: plan.profile, appID: plan.id, pid: pid, isDetached: request.detach, isKept: request.keep,
        isSingle: profile.process.single.value && !request.keep, notEnforced: plan.notEnforced + lost)
      // A reset makes it no younger.
      if let last { entry.started = last.started }
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
