extension Rule {
  static let cameraAccess = Rule(
    "camera-access", .hint,
    what: "The app can film at any time",
    why: """
      With the nodes of the cameras nobody asks before they are switched on, and a light is all that shows it. Where a \
      desktop portal can give a camera, it asks first. Where the app is there to film, say so.
      """,
    example: """
      [devices]
      camera = true
      """,
    safer: """
      [devices]
      camera = false
      """
  ) { subject in
    let key = subject.profile.devices.camera
    if !key.value { return [] }
    return [
      Finding(
        "the app can switch your cameras on at any time", at: key.origin,
        hint: "where it has to, write # snug: allow camera-access and why")
    ]
  }
}
