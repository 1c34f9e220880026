import Glibc
import TestSupport
import Testing

extension Live {
  /// Kinds of devices, and what belongs to the desktop's looks: whatever this machine has of them.
  @Suite(.serialized) struct DeviceTests {
    private static let kinds = ["gpu", "camera", "input", "kvm", "usb"]
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
      let keys = Self.kinds.map { "\($0) = true" }.joined(separator: "\n")
      try stage.profile("devices", "extends = [\"default\"]\n[devices]\n\(keys)")
      try stage.profile("looks", "extends = [\"default\"]\n[desktop]\nthemes = true\nfonts = true")
    }

    private func inside(_ line: String, _ profile: String, _ extra: [String] = []) throws -> Finished {
      try stage.snug(["run", "-p", profile, "--", "sh", "-c", line], extra: extra)
    }

    /// A machine without any of them starts all the same; what there is, is there and nothing beside it.
    @Test func `every kind at once`() throws {
      // What lies under a mount looks like a file in its directory, so each is asked.
      let list = "cd /dev; find . '(' -exec test -c {} ';' -o -exec test -b {} ';' ')' -print | sort"
      let without = try inside(list, "default")
      #expect(without.status == 0 && !without.output.contains("kvm"), "\(without.everything)")
      let done = try inside(list, "devices")
      #expect(done.status == 0, "\(done.everything)")
      let more = Set(done.output.split(separator: "\n")).subtracting(without.output.split(separator: "\n"))
      for name in more {
        let allowed = [
          "./dri/renderD", "./nvidia", "./video", "./media", "./v4l-subdev", "./input/", "./kvm", "./bus/usb",
        ]
        #expect(allowed.contains { name.hasPrefix($0) }, "\(name)")
      }
      #expect(more.contains("./kvm") == (access("/dev/kvm", F_OK) == 0))
      #expect(
        more.contains { $0.hasPrefix("./dri/") } == !(names(in: "/dev/dri") ?? []).filter { $0.hasPrefix("renderD") }
          .isEmpty)
      // The directory is closed again, and what sysfs tells cannot be changed.
      let made = try inside(
        "touch /dev/x 2>/dev/null || mkdir /dev/dri/x 2>/dev/null || touch /sys/x 2>/dev/null || echo no", "devices")
      #expect(made.output == "no\n", "\(made.everything)")
    }

    @Test func `what is missing stands in the plan`() throws {
      let plan = try stage.snug(["plan", "devices"])
      #expect(plan.status == 0, "\(plan.everything)")
      if access("/dev/dri", F_OK) != 0 { #expect(plan.output.contains("graphics card"), "\(plan.everything)") }
      #expect(try stage.snug(["check", "devices"]).status == 0)
    }

    @Test func `themes and fonts are read and not changed`() throws {
      try stage.write("theme", to: "\(stage.home)/.themes/Blue/index.theme")
      try stage.write("font", to: "\(stage.home)/.local/share/fonts/a.ttf")
      try stage.write("[Settings]", to: "\(stage.home)/.config/gtk-3.0/settings.ini")
      try stage.write("secret", to: "\(stage.home)/.config/gtk-3.0/bookmarks")
      defer {
        _ = try? Stage.shell(
          "cd \(stage.home); rm -r .themes .local/share/fonts .config/gtk-3.0; rmdir .local/share .local 2>/dev/null || true"
        )
      }
      let line = """
        cat ~/.themes/Blue/index.theme ~/.local/share/fonts/a.ttf ~/.config/gtk-3.0/settings.ini; echo " $XCURSOR_SIZE"
        ls ~/.config/gtk-3.0
        echo x > ~/.themes/Blue/index.theme || echo x > ~/.config/gtk-3.0/settings.ini || echo refused
        """
      let done = try inside(line, "looks", ["XCURSOR_SIZE=48"])
      #expect(done.output == "themefont[Settings] 48\nsettings.ini\nrefused\n", "\(done.everything)")
      let without = try inside("cat ~/.themes/Blue/index.theme; echo [$XCURSOR_SIZE]", "default", ["XCURSOR_SIZE=48"])
      #expect(without.output == "[]\n", "\(without.everything)")
    }
  }
}
