extension Rule {
  static let controllerAccess = Rule(
    "controller-access", .hint,
    what: "The app reads game controllers",
    why: """
      What they send is read by every program that has them open, in front or not, and their drivers are parts of the \
      kernel that few look at. Where the app is a game, say so.
      """,
    example: """
      [devices]
      input = true
      """,
    safer: """
      [devices]
      gpu = true
      """
  ) { subject in
    let key = subject.profile.devices.input
    if !key.value { return [] }
    return [
      Finding(
        "the app reads your game controllers, in front or not", at: key.origin,
        hint: "where it has to, write # snug: allow controller-access and why")
    ]
  }
}
