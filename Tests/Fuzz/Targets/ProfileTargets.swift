#if DEBUG
  @testable import SnugProfile

  private let context = PathContext(
    home: "/home/ada", xdg: ["xdg-download": "/home/ada/Downloads", "xdg-desktop": "/home/ada", "xdg-music": "/home"],
    runtimeDirectory: "/run/user/1000", workingDirectory: "/home/ada/work")

  let profileTargets = [
    FuzzTarget(
      "profile",
      claim: "read or refused with a place; what `show` prints is read again to the same values; no unsafe text",
      seeds: [
        """
        version = 1
        id = "org.example.App"
        extends = ["desktop"]
        programs = ["firefox-esr", "!x"]
        optional = ["desktop.wayland"]
        [files]
        root = "system"
        read = ["xdg-pictures", { path = "~/a", at = "/b", if-missing = "create" }]
        hide = ["./x"]
        [[files.op]]
        op = "overlay"
        target = "/opt/game"
        lower = ["/opt/game"]
        size = "10%"
        [[files.op]]
        op = "file"
        target = "/a"
        base64 = "AAE="
        mode = 0o755
        [bus.session]
        talk = ["org.freedesktop.Notifications"]
        call = { "org.a.B" = ["org.a.B.*@/x/*"] }
        [environment]
        set = { K = "V" }
        [process]
        adopt-wait = "1500ms"
        umask = "077"
        [limits]
        memory = "4G"
        [seccomp]
        allow = ["personality"]
        [landlock]
        connect-tcp = [443]
        [assert]
        hidden = ["~/.ssh"]
        network = true
        """
      ].map { Array($0.utf8) },
      pieces: [
        "[", "]", "[[", "]]", "{", "}", "\"", "'", "'''", "\"\"\"", "=", ".", ",", "#", "\n", "\r\n", "\0", "!", "\\",
        "~/", "0o", "é", "\u{202E}", "../", "./", "xdg-", "true", "false", "\\u0000", "99999999999999999999",
      ],
      judge: judgeProfile)
  ]

  private func judgeProfile(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let checked = checkFile(bytes, file: "x.toml", context)
    for diagnostic in checked.diagnostics {
      let isPlaced =
        diagnostic.origin.map { $0.line >= 1 && $0.column >= 1 } ?? diagnostic.message.hasPrefix("too many")
      if !isPlaced { return .broken("no place: \(diagnostic)") }
      if let complaint = unsafeText(diagnostic.text) { return .broken(complaint) }
    }
    if !checked.diagnostics.isEmpty { return .refused }
    let first = merged(checked)
    _ = first.profile
    let text = showText(first)
    let again = checkFile(Array(text.utf8), file: "y.toml", context)
    if let diagnostic = again.diagnostics.first { return .broken("shown text is refused: \(diagnostic.text)\n\(text)") }
    let second = merged(again)
    let (left, right) = (first.values.mapValues(plain), second.values.mapValues(plain))
    for name in Set(left.keys).union(right.keys).sorted() where name != "version" && name != "extends" {
      // What is not there and what is there and empty are the same to whoever asks.
      if left[name] != right[name] {
        return .broken("\(name) is not the same: \(left[name].debugDescription) \(right[name].debugDescription)")
      }
    }
    return verdict(unsafeText(text))
  }

  private func merged(_ checked: CheckedFile) -> MergedProfile {
    var merged = MergedProfile(name: "x", file: "x.toml")
    merged.add(checked, isShipped: false, isTop: true)
    return merged
  }

  /// Values without their places.
  private func plain(_ item: Item) -> Item {
    var item = item
    item.origin = .defaults
    item.layer = 0
    item.isShipped = false
    switch item.value {
    case .list(let items): item.value = .list(items.map(plain))
    case .map(let items): item.value = .map(items.map(plain))
    default: break
    }
    return item
  }

  /// A complaint about text that a terminal would act on.
  func unsafeText(_ text: String) -> String? {
    unless(text.unicodeScalars.allSatisfy { $0 == "\n" || !isUnsafe($0) }, "unsafe text: \(text.debugDescription)")
  }
#endif
