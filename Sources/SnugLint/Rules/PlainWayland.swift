import SnugPlan
import SnugProfile

extension Rule {
  static let plainWayland = Rule(
    "plain-wayland", .warning,
    what: "The app may get the compositor's own socket",
    why: """
      Over its own socket a compositor takes whoever comes for a program of yours: many then let it take pictures of the \
      screen, read the clipboard and type into other windows. A socket with a security context, which wayland = true \
      makes, shows it none of that; `optional` gives it up where the compositor knows no contexts.
      """,
    example: """
      optional = ["desktop.wayland"]

      [desktop]
      wayland = true
      """,
    safer: """
      [desktop]
      wayland = true
      """
  ) { subject in
    var found: [Finding] = []
    let wayland = subject.profile.desktop.wayland
    let gives = ["desktop", "desktop.wayland"]
    if wayland.value, let line = subject.profile.optional.last(where: { gives.contains($0.value) }) {
      found.append(
        Finding(
          "where the compositor knows no security contexts the app gets its own socket", at: line.origin,
          hint: "leave it out: then the start says what is missing"))
    }
    var lines = LinesByOrigin()
    let start = subject.host.runtimeDirectory.map { subject.real($0) + "/wayland-" }
    for sight in subject.exposure.sights where sight.type == .socket && sight.origin != wayland.origin {
      if let start, sight.source.hasPrefix(start) { lines.add(sight.source, at: sight.origin) }
    }
    return found
      + lines.findings {
        Finding(
          "over \($1) the app reaches the compositor as any program of yours", at: $0,
          hint: "wayland = true under [desktop] gives it a socket of its own")
      }
  }
}
