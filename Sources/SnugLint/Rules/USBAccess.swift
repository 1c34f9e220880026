extension Rule {
  static let usbAccess = Rule(
    "usb-access", .warning,
    what: "The app drives every USB device",
    why: """
      It can take a disk, a keyboard or a security key away from its driver and talk to it itself, also one that is \
      plugged in later: it reads and types past every wall. A single device is named by its node.
      """,
    example: """
      [devices]
      usb = true
      """,
    safer: """
      [devices]
      gpu = true
      """
  ) { subject in
    let key = subject.profile.devices.usb
    if !key.value { return [] }
    return [
      Finding(
        "the app drives every USB device, disks and keyboards included", at: key.origin,
        hint: "name the one node in devices.nodes; where it has to, write # snug: allow usb-access and why")
    ]
  }
}
