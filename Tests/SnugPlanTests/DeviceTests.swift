import TestSupport
import Testing

@testable import SnugPlan

/// Devices on a made-up machine: a graphics card behind a bridge, a camera, a gamepad, a keyboard, a mouse.
struct DeviceTests {
  static let card = "/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0"
  static let camera = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.0"
  static let input = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-4/input"

  static func machine() -> FixtureTree {
    let tree = debian()
    func device(_ directory: String, link: String, number: String, node: String) {
      tree.directory(directory)
      tree.file(directory + "/dev", number + "\n")
      tree.link(link, directory)
      tree.special(node, .characterDevice)
    }
    for (name, number) in [("renderD128", "226:128"), ("card0", "226:0")] {
      let directory = "\(card)/drm/\(name)"
      device(directory, link: "/sys/class/drm/" + name, number: number, node: "/dev/dri/" + name)
      tree.link(directory + "/device", card)
    }
    tree.file("/run/udev/data/c226:128")
    for name in ["nvidia0", "nvidiactl", "nvidia-caps", "nvidia0x"] { tree.special("/dev/" + name, .characterDevice) }
    tree.directory("/sys/module/nvidia", "/etc/vulkan", "/etc/drirc.d")
    device(
      camera + "/video4linux/video0", link: "/sys/class/video4linux/video0", number: "81:0", node: "/dev/video0")
    tree.link(camera + "/video4linux/video0/device", camera)
    for name in ["videoloop", "video", "sda1"] { tree.special("/dev/" + name, .characterDevice) }
    func input(_ number: Int, keys: String, udev: String?) {
      let parent = "\(Self.input)/input\(number)"
      device(
        "\(parent)/event\(number)", link: "/sys/class/input/event\(number)", number: "13:\(64 + number)",
        node: "/dev/input/event\(number)")
      tree.link("\(parent)/event\(number)/device", parent)
      tree.file(parent + "/capabilities/key", keys + "\n")
      if let udev { tree.file("/run/udev/data/c13:\(64 + number)", "I:1\nE:ID_INPUT=1\n\(udev)") }
    }
    let pad = "7cdb000000000000 0 0 0 0"
    let keyboard = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
    input(0, keys: pad, udev: "E:ID_INPUT_JOYSTICK=1\n")
    input(1, keys: keyboard, udev: "E:ID_INPUT_KEY=1\nE:ID_INPUT_KEYBOARD=1\n")
    input(2, keys: "1f0000 0 0 0 0", udev: "E:ID_INPUT_MOUSE=1\n")
    // Without udev.
    input(3, keys: pad, udev: nil)
    input(4, keys: keyboard, udev: nil)
    // What claims to be one and types.
    input(5, keys: "7cdb000000000000 0 0 0 fffffffffffffffe", udev: "E:ID_INPUT_JOYSTICK=1\n")
    // What has such buttons and is none.
    input(6, keys: pad, udev: "E:ID_INPUT_TABLET=1\nE:ID_INPUT_JOYSTICK=1\n")
    input(7, keys: "nonsense", udev: "E:ID_INPUT_JOYSTICK=1\n")
    input(8, keys: pad, udev: "")
    tree.special("/dev/input/event9", .characterDevice)
    tree.special("/dev/input/mice", .characterDevice)
    tree.special("/dev/bus/usb/001/002", .characterDevice)
    let usb = "/sys/devices/pci0000:00/0000:00:14.0/usb1"
    tree.directory("/sys/bus/usb/devices")
    tree.link("/sys/bus/usb/devices/usb1", usb)
    tree.link("/sys/bus/usb/devices/1-3", usb + "/1-3")
    return tree
  }

  private func shown(_ key: String) throws -> [String] {
    try plan("[devices]\n\(key) = true", on: Self.machine()).ops.compactMap { planned in
      if case .bind(let bind) = planned.op, planned.origin.line == 3 { bind.target } else { nil }
    }
  }

  private func nodes(_ key: String) throws -> [String] { try shown(key).filter { $0.hasPrefix("/dev") } }

  @Test func offShowsNone() throws {
    let plan = try plan("", on: Self.machine())
    #expect(!plan.ops.contains { $0.op.shown.contains { $0.hasPrefix("/dev/") || $0.hasPrefix("/sys") } })
  }

  @Test func graphics() throws {
    #expect(try nodes("gpu").sorted() == ["/dev/dri/renderD128", "/dev/nvidia0", "/dev/nvidiactl"])
    let plan = try plan("[devices]\ngpu = true", on: Self.machine())
    #expect(plan.lines(at: "/dev/dri/renderD128") == ["bind /dev/dri/renderD128 device"])
    #expect(plan.lines(at: "/dev/dri") == [])
    let node = Self.card + "/drm/renderD128"
    #expect(plan.lines(at: Self.card) == ["bind \(Self.card) read-only"])
    #expect(plan.lines(at: "/sys/class/drm/renderD128") == ["symlink " + node])
    #expect(plan.lines(at: "/sys/dev/char/226:128") == ["symlink " + node])
    #expect(plan.lines(at: "/sys/dev/char/226:0") == [] && plan.lines(at: "/sys/class/drm") == [])
    #expect(plan.lines(at: "/run/udev/data/c226:128") == ["bind /run/udev/data/c226:128 read-only"])
    #expect(plan.lines(at: "/sys/module/nvidia") == ["bind /sys/module/nvidia read-only"])
    #expect(plan.lines(at: "/etc/vulkan") == ["bind /etc/vulkan read-only"])
    // The directory is closed again.
    #expect(plan.lines(at: "/dev") == ["dev", "remount"])
    #expect(plan.landlock.rules.contains(LandlockRule(path: "/dev", rights: .device)))
  }

  @Test func cameras() throws {
    #expect(try nodes("camera") == ["/dev/video0"])
    #expect(try shown("camera").contains(Self.camera))
  }

  /// Whoever reads a keyboard's node reads all that is typed.
  @Test func gameControllersAndNothingThatTypes() throws {
    #expect(try nodes("input").sorted() == ["/dev/input/event0", "/dev/input/event3"])
    let directories = try shown("input").filter { $0.hasPrefix("/sys") }
    #expect(directories.sorted() == ["input0", "input3"].map { "\(Self.input)/\($0)" })
  }

  @Test func virtualMachines() throws { #expect(try nodes("kvm") == ["/dev/kvm"]) }

  @Test func usb() throws {
    #expect(try nodes("usb") == ["/dev/bus/usb"])
    let plan = try plan("[devices]\nusb = true", on: Self.machine())
    #expect(plan.lines(at: "/dev/bus/usb") == ["bind /dev/bus/usb device"])
    #expect(
      try shown("usb").filter { $0.hasPrefix("/sys") }.sorted()
        == ["/sys/bus/usb/devices", "/sys/devices/pci0000:00/0000:00:14.0/usb1"])
  }

  @Test(arguments: ["gpu", "camera", "input", "kvm", "usb"]) func whatIsMissingIsSkipped(key: String) throws {
    let tree = FixtureTree()
    tree.directory("/usr/bin", "/home/anna", "/dev", "/tmp")
    let plan = try plan("[devices]\n\(key) = true", on: tree)
    #expect(plan.skipped.count == 1 && plan.skipped.first?.origin.line == 3)
    #expect(plan.lines(at: "/dev") == ["dev", "remount"])
  }

  @Test func onlyWhatIsThereIsExplained() throws {
    func words(_ key: String, _ tree: FixtureTree) throws -> String {
      let host = anna(tree)
      let profile = try profile("version = 1\n[devices]\n\(key) = true", for: host)
      return explain(try prospect(of: profile, on: host)).text.replacing("\n    ", with: " ")
    }
    for (key, worry) in [
      ("gpu", "the driver of the graphics card"), ("camera", "film you"), ("input", "reads your game controllers"),
      ("kvm", "make virtual machines"), ("usb", "drives every USB device"),
    ] {
      #expect(try words(key, Self.machine()).contains(worry))
      let bare = FixtureTree()
      bare.directory("/usr/bin", "/home/anna", "/dev", "/tmp")
      #expect(try words(key, bare).contains(worry) == false)
    }
    #expect(try words("gpu", Self.machine()).contains("hardware and kernel settings") == false)
  }

  /// A name below /dev that leads elsewhere, and one in sysfs that does, are not followed.
  @Test func linksThatLeadElsewhere() throws {
    let tree = Self.machine()
    tree.link("/dev/dri/renderD129", "/srv/node")
    tree.special("/srv/node", .characterDevice)
    tree.special("/dev/dri/renderD130", .characterDevice)
    tree.link("/sys/class/drm/renderD130", "/home/anna/.ssh")
    let plan = try plan("[devices]\ngpu = true", on: tree)
    #expect(plan.lines(at: "/dev/dri/renderD129") == [])
    #expect(plan.lines(at: "/dev/dri/renderD130") == ["bind /dev/dri/renderD130 device"])
    #expect(!plan.ops.contains { $0.op.shown.contains { $0.contains(".ssh") } })
  }

  @Test(
    arguments: [
      ("7cdb000000000000 0 0 0 0", true, false), ("ffff00000000 0 0 0 0", true, false), ("0", false, false),
      ("fffffffffffffffe", false, true), ("10000 0 0 0 0", false, true), ("30000 0 0 0 0 0", true, false),
    ])
  func buttons(text: String, games: Bool, typing: Bool) throws {
    let bits = try #require(KeyBits(Array(text.utf8)))
    #expect(bits.isForGames == games && bits.isForTyping == typing)
  }

  @Test(arguments: ["", "\n", "xyz", "1 2 g", "10000000000000000"]) func buttonsThatCannotBeRead(text: String) {
    #expect(KeyBits(Array(text.utf8)) == nil)
  }
}
