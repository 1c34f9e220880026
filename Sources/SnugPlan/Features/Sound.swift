import SnugProfile

extension Draft {
  /// `desktop.audio`: true is the sound server's own sockets, PulseAudio's and PipeWire's, each that exists; "playback"
  /// is PulseAudio's protocol through a filter of Snug's own, and nothing of PipeWire's, which alone decides what its
  /// clients may do.
  mutating func addSound(notEnforced: inout [String]) {
    let origin = profile.desktop.audio.origin
    if profile.desktop.audio.value == .off { return }
    let pulse: Source?
    let pipeWire: Source?
    do throws(Diagnostic) {
      pulse = try pulseServer(origin)
      pipeWire = try pipeWireServer(origin)
    } catch {
      problems.append(error)
      return
    }
    if pulse == nil, pipeWire == nil {
      let usual = joined(outsideRuntimeDirectory, "pulse/native")
      skip(
        "sound", "no sound server runs: there is no \(usual)", at: origin,
        hint: "install and start the package pipewire-pulse, or pulseaudio")
      return
    }
    addSoundSettings(origin)
    if profile.desktop.audio.value == .full || !addSoundFilter(pulse, origin, &notEnforced) {
      if let pulse { showPulse(pulse, origin) }
      if let pipeWire { showPipeWire(pipeWire, origin) }
    }
  }

  /// False where there is none and the profile lets that go.
  private mutating func addSoundFilter(_ pulse: Source?, _ origin: Origin, _ notEnforced: inout [String]) -> Bool {
    let isOptional = profile.mayGoUnenforced(SoundPolicy.key)
    guard let pulse else {
      if isOptional {
        notEnforced.append(SoundPolicy.key)
        return false
      }
      fail(
        .cannotStartHere,
        "cannot enforce \(SoundPolicy.key) = \"playback\": PipeWire runs without PulseAudio's protocol", at: origin,
        hint: "install and start the package pipewire-pulse, or list \"\(SoundPolicy.key)\" in optional: then the app "
          + "can record, too")
      return true
    }
    showPulse(madeSocket(.sound, soundSocketName, written: "the filter's socket"), origin)
    sound = SoundPolicy(server: pulse, socket: pulsePlace, isOptional: isOptional, origin: origin)
    return true
  }

  /// Where clients look for it.
  private var pulsePlace: String { joined(runtimeDirectory, "pulse/native") }

  private mutating func showPulse(_ source: Source, _ origin: Origin) {
    guard let target = destination(pulsePlace, from: origin) else { return }
    put(.bind(Bind(source: source, target: target, access: .readOnly)), from: origin, isFeature: true)
    set("PULSE_SERVER", "unix:" + target, from: origin)
    // Shared memory of a client lies in the sandbox, and the server would look for it outside. And nobody starts a server
    // of his own inside.
    let settings = "# Written by snug.\nenable-shm = no\nautospawn = no\n"
    let place = "/run/snug/pulse-client.conf"
    guard let target = destination(place, from: origin) else { return }
    put(.file(File(target: target, content: Array(settings.utf8))), from: origin)
    set("PULSE_CLIENTCONFIG", target, from: origin)
  }

  private mutating func showPipeWire(_ source: Source, _ origin: Origin) {
    guard let target = destination(joined(runtimeDirectory, "pipewire-0"), from: origin) else { return }
    put(.bind(Bind(source: source, target: target, access: .readOnly)), from: origin, isFeature: true)
    set("PIPEWIRE_REMOTE", "pipewire-0", from: origin)
  }

  /// ALSA's programs are led to the server by links of these.
  private mutating func addSoundSettings(_ origin: Origin) {
    guard profile.files.root.value == .system else { return }
    for name in ["alsa", "asound.conf", "openal", "pipewire"] { pick(name, from: origin) }
  }

  // MARK: - Where the servers listen

  /// PulseAudio's socket: what PULSE_SERVER says, else the usual places, see pulse-client.conf(5). Nil: there is none.
  private mutating func pulseServer(_ origin: Origin) throws(Diagnostic) -> Source? {
    func refuse(_ reason: String, hint: String? = nil) -> Diagnostic {
      Diagnostic("cannot reach the sound server: \(reason)", .cannotStartHere, at: origin, hint: hint)
    }
    let named = host.variable("PULSE_SERVER") ?? ""
    var places = [
      host.variable("PULSE_RUNTIME_PATH").map { joined($0, "native") }, joined(outsideRuntimeDirectory, "pulse/native"),
      "/run/pulse/native",
    ].compactMap { $0.flatMap(absolutePath) }
    if !named.isEmpty {
      guard let path = pulsePath(named) else {
        throw refuse(
          "PULSE_SERVER is \(escaped(named)), which names no socket of this machine",
          hint: "unset it, or set it to unix:PATH")
      }
      places = [path]
    }
    for place in places {
      switch hostSocket(place) {
      case .found(let source): return source
      case .missing: continue
      case .refused(let why): throw refuse(why)
      }
    }
    if !named.isEmpty {
      throw refuse(
        "PULSE_SERVER is \(escaped(named)), which does not exist", hint: "start the sound server, or unset PULSE_SERVER"
      )
    }
    return nil
  }

  /// PipeWire's socket: what PIPEWIRE_REMOTE says, else `pipewire-0`, see pipewire(1). Nil: there is none.
  private mutating func pipeWireServer(_ origin: Origin) throws(Diagnostic) -> Source? {
    let named = host.variable("PIPEWIRE_REMOTE") ?? ""
    let folder = host.variable("PIPEWIRE_RUNTIME_DIR").flatMap(absolutePath) ?? outsideRuntimeDirectory
    let name = named.isEmpty ? "pipewire-0" : named
    let place = absolutePath(name) ?? (name.utf8.contains(UInt8(ascii: "/")) ? nil : joined(folder, name))
    guard let place else { return nil }
    switch hostSocket(place) {
    case .found(let source): return source
    case .missing: return nil
    case .refused(let why):
      throw Diagnostic("cannot reach the sound server: \(why)", .cannotStartHere, at: origin)
    }
  }
}

/// Name of the filter's socket in its directory.
public let soundSocketName = "native"

/// The path in the first address of PULSE_SERVER that is one: `unix:/path`, `/path`, either with `{machine id}` before it.
func pulsePath(_ addresses: String) -> String? {
  for address in addresses.split(separator: " ") {
    var text = address
    if text.hasPrefix("{"), let end = text.utf8.firstIndex(of: UInt8(ascii: "}")) {
      text = text[text.utf8.index(after: end)...]
    }
    if text.hasPrefix("unix:") { text = text.dropFirst(5) }
    if let path = absolutePath(String(text)) { return path }
  }
  return nil
}

extension Plan {
  /// Where the app sees a sound server's own socket, past the filter.
  func soundProblems(_ profile: Profile, _ host: Host) -> [Diagnostic] {
    guard let sound else { return [] }
    let folder = host.runtimeDirectory ?? "/run/user/\(host.uid)"
    var files = [sound.server.path]
    for name in ["pipewire-0", "pipewire-0-manager", "pulse/cli"] {
      if case .exists(let real, .socket, _, _) = host.look(joined(folder, name)) { files.append(real) }
    }
    guard var tree = finalTree(showing: files, profile, host) else { return [] }
    return files.compactMap { file in
      guard let seen = tree.places(of: file).first else { return nil }
      return Diagnostic(
        "cannot enforce \(SoundPolicy.key) = \"playback\": the sound server's own socket \(file) is shown inside, at "
          + seen.place,
        .refusedGrant, at: seen.standing?.origin ?? sound.origin,
        hint: "the app could record there: hide the socket, or grant less")
    }
  }
}
