import SnugProfile

extension Draft {
  /// Shows a device node of the host's at its own place; false where there is none.
  mutating func showDevice(_ path: String, from origin: Origin) -> Bool {
    guard let source = source(path), source.type == .characterDevice, isAtOrBelow(source.path, "/dev") else {
      return false
    }
    guard let target = destination(path, from: origin) else { return true }
    put(.bind(Bind(source: source, target: target, access: .device)), from: origin)
    return true
  }

  /// Shows what the kernel and udev tell of one device: programs find out by sysfs what a node is, see sysfs(5). The
  /// directory of the device itself is shown, and the links that lead to it; nothing of other devices.
  ///
  /// - Parameter link: its name in sysfs, such as `/sys/class/drm/renderD128`.
  mutating func describeDevice(_ link: String, from origin: Origin) {
    guard let node = deviceDirectory(link) else { return }
    var device = node
    if let parent = deviceDirectory(joined(node, "device")), isAtOrBelow(node, parent) { device = parent }
    show(device, from: origin)
    put(.symlink(Symlink(target: link, to: node)), from: origin)
    guard let number = deviceNumber(node) else { return }
    put(.symlink(Symlink(target: "/sys/dev/char/\(number)", to: node)), from: origin)
    show("/run/udev/data/c\(number)", from: origin)
  }

  /// The directory below `/sys/devices` that a name in sysfs leads to.
  mutating func deviceDirectory(_ link: String) -> String? {
    guard case .exists(let real, .directory, _, _) = look(link), let rest = remainder(of: real, below: "/sys/devices"),
      !rest.isEmpty
    else { return nil }
    return real
  }

  /// `226:128`, from the file `dev` of a device's directory.
  func deviceNumber(_ directory: String) -> String? {
    guard let text = host.read(joined(directory, "dev")).flatMap({ validText($0) }) else { return nil }
    let number = text.split(separator: "\n").first ?? ""
    let parts = number.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ isNumber($0) }) else { return nil }
    return String(number)
  }

  /// Names in a directory of the host's that are one of the prefixes and a number.
  func numbered(_ prefixes: [String], in directory: String) -> [String] {
    host.list(directory).filter { name in
      prefixes.contains { name.hasPrefix($0) && isNumber(name.dropFirst($0.count)) }
    }
  }
}

/// Whether a text is digits alone.
private func isNumber(_ text: Substring) -> Bool {
  !text.isEmpty && text.utf8.count < 10 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
}
