import SnugProfile

extension Draft {
  /// `devices.input`: game controllers, each judged by what the kernel and udev say that it is. Whoever can read a
  /// keyboard's node reads all that is typed, in every program.
  mutating func addGameControllers() {
    guard profile.devices.input.value else { return }
    let origin = profile.devices.input.origin
    var isFound = false
    for name in numbered(["event", "js"], in: "/dev/input") {
      let link = "/sys/class/input/" + name
      guard isGameController(link), showDevice("/dev/input/" + name, from: origin) else { continue }
      isFound = true
      describeDevice(link, from: origin)
    }
    if !isFound { skip("game controllers", "there is none among /dev/input/event* and js*", at: origin) }
  }

  private mutating func isGameController(_ link: String) -> Bool {
    guard let node = deviceDirectory(link), let keys = host.read(joined(node, "device/capabilities/key")),
      let buttons = KeyBits(keys), !buttons.isForTyping
    else { return false }
    // What udev has not judged is judged by its buttons alone.
    guard let number = deviceNumber(node), let judged = host.read("/run/udev/data/c" + number) else {
      return buttons.isForGames
    }
    let properties = String(decoding: judged, as: UTF8.self).split(separator: "\n")
    let others = ["KEYBOARD", "MOUSE", "TOUCHPAD", "TOUCHSCREEN", "TABLET", "POINTINGSTICK"]
    return properties.contains("E:ID_INPUT_JOYSTICK=1")
      && !others.contains { other in properties.contains { $0 == "E:ID_INPUT_\(other)=1" } }
  }
}

/// The keys and buttons that an input device has, by the numbers of `input-event-codes.h`.
struct KeyBits {
  /// Lowest first.
  private let words: [UInt64]

  /// From `capabilities/key`: words of 64 bits in hexadecimal, highest first; nil where it is something else.
  init?(_ text: [UInt8]) {
    var words: [UInt64] = []
    for part in text.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }) {
      guard let word = UInt64(String(decoding: part, as: UTF8.self), radix: 16) else { return nil }
      words.append(word)
    }
    if words.isEmpty { return nil }
    self.words = words.reversed()
  }

  private func has(_ key: Int) -> Bool {
    let word = key / 64
    return word < words.count && words[word] >> UInt64(key % 64) & 1 == 1
  }

  /// A letter's key, the digits, return or a mouse's buttons: from KEY_1 to KEY_SPACE, from BTN_LEFT to BTN_TASK.
  var isForTyping: Bool { (2...57).contains(where: has) || (0x110...0x117).contains(where: has) }
  /// A joystick's or gamepad's buttons, or those of a wheel.
  var isForGames: Bool { (0x120...0x13e).contains(where: has) || (0x150...0x151).contains(where: has) }
}
