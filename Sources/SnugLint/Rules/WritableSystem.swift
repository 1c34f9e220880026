import SnugPlan
import SnugProfile

extension Rule {
  static let writableSystem = Rule(
    "writable-system", .error,
    what: "The whole machine, or a part of the system, can be changed",
    why: """
      What lies there is run by everybody. As an ordinary user the app may change only what you may: the home, /tmp \
      and what is yours elsewhere. Started by root it may change everything.
      """,
    example: """
      [[files.op]]
      op = "bind"
      host = "/"
      target = "/host"
      access = "writable"
      """,
    safer: """
      [[files.op]]
      op = "bind"
      host = "/srv"
      target = "/host"
      access = "writable"
      """
  ) { subject in
    var lines = LinesByOrigin()
    for sight in subject.exposure.sights where sight.isWritable && sight.type == .directory {
      if sight.source == "/" {
        lines.add("the whole machine", at: sight.origin)
      } else if systemPlaces.contains(where: { isAtOrBelow(sight.source, $0) }) {
        lines.add(sight.source, at: sight.origin)
      }
    }
    return lines.findings {
      Finding("the app can change \($1), as far as you may", at: $0, hint: "grant it read-only, or a narrower path")
    }
  }
}

/// Programs and settings of the system, see hier(7).
private let systemPlaces = ["/usr", "/etc", "/boot", "/lib", "/lib64", "/bin", "/sbin", "/var/lib", "/var/spool"]
