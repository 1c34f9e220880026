import SnugProfile

extension Draft {
  /// `devices.usb`: every USB device, those included that are plugged in later, and what sysfs tells of them.
  mutating func addUSBDevices() {
    guard profile.devices.usb.value else { return }
    let origin = profile.devices.usb.origin
    let nodes = "/dev/bus/usb"
    guard let source = source(nodes), source.type == .directory, isAtOrBelow(source.path, "/dev") else {
      return skip(nodes, "this machine has none", at: origin)
    }
    guard let target = destination(nodes, from: origin) else { return }
    put(.bind(Bind(source: source, target: target, access: .device)), from: origin)
    show("/sys/bus/usb/devices", from: origin)
    // Every device lies below the controller that it hangs on.
    for name in numbered(["usb"], in: "/sys/bus/usb/devices") {
      if let controller = deviceDirectory("/sys/bus/usb/devices/" + name) { show(controller, from: origin) }
    }
  }
}
