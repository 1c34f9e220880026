import SnugPlan
import SnugProfile

extension Rule {
  static let socketDirectory = Rule(
    "socket-directory", .warning,
    what: "A granted directory with sockets in it",
    why: """
      Reading is enough to connect to a socket, and who listens there acts outside of the sandbox on the app's word. \
      What is started later puts its sockets there too. Sockets in the directory itself are looked at, and of very \
      large ones the first 1,000 names.
      """,
    example: """
      [files]
      read = ["/run"]
      """,
    safer: """
      [files]
      read = ["/run/systemd/resolve"]
      """
  ) { subject in
    let granted = subject.requests.union([subject.profile.files.home.origin])
    let runtime = subject.host.runtimeDirectory.map { subject.real($0) }
    // Lint answers at once, whatever is granted.
    var budget = 10_000
    var lines = LinesByOrigin()
    for sight in subject.exposure.sights where sight.type == .directory && granted.contains(sight.origin) {
      if sharedDirectories.contains(sight.source) || sight.source == runtime {
        lines.add("\(sight.source), where programs put their sockets", at: sight.origin)
        continue
      }
      let names = subject.host.list(sight.source).prefix(min(1_000, budget))
      budget -= names.count
      let sockets = names.map { joined(sight.source, $0) }.filter {
        guard case .exists(let real, .socket, _, _) = subject.host.look($0) else { return false }
        return subject.exposure.sights(of: real).contains { $0.origin == sight.origin }
      }
      if let first = sockets.first { lines.add("the socket \(subject.context.portable(first))", at: sight.origin) }
    }
    return lines.findings {
      Finding("the app can reach \($1)", at: $0, hint: "grant the files that it needs, or hide the sockets")
    }
  }
}

private let sharedDirectories: Set<String> = ["/run", "/run/user", "/tmp"]
