import SnugPlan
import SnugProfile

extension Rule {
  static let x11Access = Rule(
    "x11-access", .hint,
    what: "The app talks to the X server",
    why: """
      X11 shows every program on the screen to every other one: the app can read what you type elsewhere, take \
      pictures of the screen and type into your terminals. x11 = "isolated" gives it a server of its own, x11 = \
      "untrusted" a cookie with which it steers no other window. Where a program needs yours, say so.
      """,
    example: """
      [desktop]
      x11 = true
      """,
    safer: """
      [desktop]
      x11 = "isolated"
      """
  ) { subject in
    let x11 = subject.profile.desktop.x11
    var lines = LinesByOrigin()
    if x11.value == .plain { lines.add("the X server", at: x11.origin) }
    // A cookie that the server does not trust, and a server of the app's own, keep it from other windows.
    for sight in subject.exposure.sights where sight.origin != x11.origin {
      if sight.source == "/tmp" || isAtOrBelow(sight.source, "/tmp/.X11-unix") {
        lines.add(sight.source, at: sight.origin)
      }
    }
    return lines.findings {
      Finding("through \($1) the app can watch and steer every window of X11", at: $0, hint: x11Hint)
    }
  }
}

private let x11Hint = "x11 = \"isolated\" keeps it to itself; else write # snug: allow x11-access and why"
