import Glibc
import TestSupport
import Testing

extension Live {
  /// Sessions in which a part of what windows need is missing, or is not what it looks like.
  @Suite(.serialized) struct WindowFallbackTests {
    private let stage: Stage

    init() throws {
      stage = try LiveTests.stage()
      let both = "extends = [\"xterm\"]\noptional = [\"desktop.wayland\"]\n[desktop]\nwayland = true\nx11 = "
      try stage.profile("fall-both", both + "true")
      try stage.profile("fall-nest", "extends = [\"xterm\"]\n[desktop]\nwayland = true\nx11 = \"isolated\"")
      let bus = "extends = [\"default\"]\n[bus.session]\ntalk = [\"org.a.Good\"]"
      try stage.profile("fall-bus", bus)
      try stage.profile("fall-bus-optional", "optional = [\"bus.session\"]\n" + bus)
      try stage.profile(
        "fall-way", "extends = [\"default\"]\noptional = [\"desktop.wayland\"]\n[desktop]\nwayland = true")
      try stage.profile("fall-way-strict", "extends = [\"default\"]\n[desktop]\nwayland = true")
    }

    private func size(_ profile: String, _ variables: [String]) throws -> Finished {
      try stage.snug(
        ["run", "-p", profile, "--", "sh", "-c", "echo [$WAYLAND_DISPLAY]; xdotool getdisplaygeometry"],
        extra: variables)
    }

    @Test func `a compositor's dead socket takes no X server away`() throws {
      guard let screen = try XScreen(stage, tools: []) else { return }
      let dead = try Compositor(stage, name: "wayland-0")
      _ = dead.kill()
      let session = try size("fall-both", screen.variables)
      #expect(session.status == 0 && session.output == "[]\n800 600\n", "\(session.everything)")
      // One that is asked for by name is meant: without it there would be no screen.
      let named = try size("fall-both", screen.variables + [dead.environment])
      #expect(named.status == 125 && named.output == "", "\(named.everything)")
      #expect(named.errors.contains("nobody listens at \(stage.runtime)/wayland-0"), "\(named.everything)")
      dead.end()
      let living = try Compositor(stage, name: "wayland-0")
      let control = try stage.snug(
        ["run", "-p", "fall-both", "--", "python3", "-c", Compositor.client],
        extra: screen.variables + [living.environment])
      #expect(control.status == 0 && control.output == "wl_compositor\nwl_shm\n", "\(control.everything)")
      living.end()
      screen.end()
      #expect(stage.leftovers() == [])
    }

    @Test func `an own server on X11 is a client of that, also beside Wayland`() throws {
      guard let screen = try XScreen(stage, tools: ["Xephyr"]) else { return }
      let compositor = try Compositor(stage)
      let folder = "\(try stage.workFolder())/xephyr-alone"
      try stage.outside(shell: "mkdir -p \(folder); ln -sfn /usr/bin/Xephyr \(folder)/Xephyr")
      let done = try stage.snug(
        ["run", "--name", "boxed", "-p", "fall-nest", "--", "sh", "-c", "xdotool getdisplaygeometry"],
        extra: screen.variables + [compositor.environment, "PATH=\(folder)"])
      #expect(done.status == 0 && done.output == "720 540\n", "\(done.everything)")
      #expect(compositor.hears("closed boxed"))
      // The server has nothing to do with the compositor.
      #expect(!compositor.heard.contains { $0.hasPrefix("client io.github.snug") }, "\(compositor.heard)")
      compositor.end()
      screen.end()
      #expect(stage.leftovers() == [])
    }

    @Test func `without a runtime directory what is optional goes`() throws {
      let socket = "\(try stage.workFolder())/bus-elsewhere"
      let bus = try MessageBus(stage, socket: "path=\(socket)", serving: ["org.a.Good"])
      let compositor = try Compositor(stage)
      let path = "WAYLAND_DISPLAY=\(stage.runtime)/\(compositor.name)"
      func run(_ profile: String, _ variable: String, _ words: [String], _ without: [String] = ["XDG_RUNTIME_DIR"])
        throws -> Finished
      {
        try stage.snug(["run", "-v", "-p", profile, "--"] + words, extra: [variable], without: without)
      }
      let address = ["sh", "-c", "echo [$DBUS_SESSION_BUS_ADDRESS]"]
      let control = try run("fall-bus-optional", bus.environment, address, [])
      #expect(control.status == 0 && control.output.hasPrefix("[unix:path="), "\(control.everything)")
      let gone = try run("fall-bus-optional", bus.environment, address)
      #expect(gone.status == 0 && gone.output == "[]\n", "\(gone.everything)")
      #expect(gone.errors.contains("not enforced on this machine: bus.session"), "\(gone.everything)")
      let client = ["python3", "-c", Compositor.client]
      let plain = try run("fall-way", path, client)
      #expect(plain.status == 0 && plain.output.contains("zwlr_screencopy_manager_v1"), "\(plain.everything)")
      #expect(plain.errors.contains("not enforced on this machine: desktop.wayland"), "\(plain.everything)")
      for (profile, variable) in [("fall-bus", bus.environment), ("fall-way-strict", path)] {
        let refused = try run(profile, variable, ["true"])
        #expect(refused.status == 125, "\(refused.everything)")
        #expect(
          refused.errors.contains("there is no directory for the socket, XDG_RUNTIME_DIR is not set"),
          "\(refused.everything)")
        #expect(refused.errors.contains("hint: log in through a session manager"), "\(refused.everything)")
      }
      compositor.end()
      bus.end()
      unlink(socket)
      #expect(stage.leftovers() == [])
    }
  }
}
