#if DEBUG
  @testable import SnugPlan
  @testable import SnugProfile
  @testable import SnugSandbox

  private let context = PathContext(
    home: "/home/ada", xdg: ["xdg-download": "/home/ada/Downloads"], runtimeDirectory: "/run/user/1000",
    workingDirectory: "/home/ada/work")

  let pathTargets = [
    FuzzTarget(
      "path", claim: "what a path of a profile or an option stands for is clean and absolute, or it is refused",
      seeds: ["~/a/b", "xdg-download/x y", "./out", "/usr//lib/", "../x:/inside", "a\\:b", "/a:./b"].map {
        Array($0.utf8)
      },
      pieces: ["/", "//", "..", ".", "~", "~/", "xdg-", ":", "\\:", "\\", "\0", "\n", "é", "e\u{301}", "\u{202E}"],
      judge: judgePath),
    FuzzTarget(
      "escape", claim: "shown text is safe; an address, a URI and base64 give back the bytes that they were made of",
      seeds: ["/home/ada/Ä b%20", "\u{1b}]52;c;x\u{7}", "a\u{202E}b\u{200b}"].map { Array($0.utf8) },
      pieces: ["%", "%2f", "%00", "\u{1b}", "\n", "\u{202E}", "\u{E0001}", "é", "?", "#", "//"], judge: judgeEscape),
    FuzzTarget(
      "file-uri",
      claim: "a word that is a file by URI is an absolute path without zero bytes, the same when written again",
      seeds: ["file:///home/ada/a%20b", "file://localhost/x", "FILE:/x"].map { Array($0.utf8) },
      pieces: ["file:", "//", "/", "%", "%41", "%2F", "%00", "?", "#", "localhost", "é"], judge: judgeURI),
    FuzzTarget(
      "name", claim: "an instance's name is a plain file name; one that is made up always is",
      seeds: ["firefox-1", "a.b+c_d", "/x/y.toml"].map { Array($0.utf8) },
      pieces: ["-", ".", "..", "/", "\0", "é", "+"],
      judge: judgeName),
    FuzzTarget(
      "user-dirs", claim: "folders of the user are clean and absolute",
      seeds: [Array("# c\nXDG_DOWNLOAD_DIR=\"$HOME/Down\\\"loads\"\nXDG_MUSIC_DIR=\"/m\"\n".utf8)],
      pieces: ["XDG_", "_DIR", "=", "\"", "\\", "$HOME", "/", "..", "\n", "\r", "\0"], judge: judgeUserDirectories),
    FuzzTarget(
      "quantity", claim: "sizes, times and days that are read are written to the same",
      seeds: ["10M", "1500ms", "2026-11-21T14:46:49Z", "10%", "0x1f", "1280x800"].map { Array($0.utf8) },
      pieces: ["0", "9", "M", "ms", "s", "%", "-", "+", "T", "Z", ":", "x", "18446744073709551616", "2000-02-30T"],
      judge: judgeQuantity),
  ]

  /// A clean absolute path.
  private func isClean(_ path: String) -> Bool {
    if path == "/" { return true }
    let names = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return names.count > 1 && names[0].isEmpty && !path.utf8.contains(0) && path.utf8.count < 4096
      && names.dropFirst().allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
  }

  private func judgePath(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    guard let text = validText(bytes) else { return .refused }
    let inProfile = try? expand(text, context)
    let onLine = try? entryOnCommandLine(text, context)
    if inProfile == nil, onLine == nil { return .refused }
    for value in [inProfile, onLine?.path, onLine?.at] {
      if let path = value?.absolute, !isClean(path) {
        return .broken("\(text.debugDescription): \(path.debugDescription)")
      }
    }
    return verdict(unless(inProfile.map { $0.written == text } ?? true, "written as another"))
  }

  private func judgeEscape(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let text = validText(bytes)
    let again = try? BusAddress(Array("unix:abstract=".utf8) + escapedForAddress(bytes))
    var uri: String?
    if let text, text.hasPrefix("/"), !bytes.contains(0) {
      uri = unless(filePath(ofURI: fileURI(text)) == bytes, "a URI is another file")
    }
    return verdict(
      unsafeText(escaped(bytes)), unless(!escaped(bytes).utf8.contains(UInt8(ascii: "\n")), "a line break"), uri,
      unless(bytes.isEmpty || bytes.count > 107 || again == .abstract(bytes), "an address is another"),
      unless(decodeBase64(encodeBase64(bytes)) == bytes, "base64 of other bytes"),
      text.flatMap { text in
        decodeBase64(text).flatMap { unless(encodeBase64($0) == text, "base64 in two ways") }
      },
      text.flatMap { text in unless(unsafeText(quoted(text)) == nil, "unsafe text in quotes") })
  }

  private func judgeURI(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    guard let path = filePath(ofURI: bytes) else { return .refused }
    let again = validText(path).map { filePath(ofURI: fileURI($0)) == path } ?? true
    return verdict(
      unless(path.first == UInt8(ascii: "/") && !path.contains(0), "\(path)"), unless(again, "another file"))
  }

  private func judgeName(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let made = InstanceName(of: String(decoding: bytes, as: UTF8.self), suffix: "ab12")
    if (try? InstanceName(made.text)) == nil { return .broken("a name is made that is none: \(made.text)") }
    do throws(Diagnostic) {
      let name = try InstanceName(bytes)
      return verdict(
        unless(name.text.utf8.elementsEqual(bytes), "another name"),
        unless(!bytes.contains(UInt8(ascii: "/")) && bytes.first != UInt8(ascii: "-"), "no file name"))
    } catch {
      return unsafeText(error.text).map { .broken($0) } ?? .refused
    }
  }

  private func judgeUserDirectories(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let found = parseUserDirectories(bytes, home: "/home/ada")
    if found.isEmpty { return .refused }
    for (name, path) in found where !isClean(path) && path.utf8.count < 4096 && !path.utf8.contains(0) {
      return .broken("\(name) is \(path.debugDescription)")
    }
    return .taken
  }

  private func judgeQuantity(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    guard let text = validText(bytes) else { return .refused }
    var complaints: [String?] = []
    let size = ScreenSize(text)
    if let size { complaints.append(unless(ScreenSize(size.text) == size, "a screen of \(size.text)")) }
    let wait = parseWait(text)
    if let wait { complaints.append(unless(parseWait(showWait(wait)) == wait, "a time of \(showWait(wait))")) }
    if case .milliseconds(let number)? = wait { complaints.append(unless(number >= 0, "a time before now")) }
    let moment = seconds(ofTimestamp: text)
    if let moment { complaints.append(unless(timestamp(moment) == text, "another moment: \(timestamp(moment))")) }
    let bytes = parseSize(text, allowsPercent: true)
    if case .percent(let share)? = bytes { complaints.append(unless((1...100).contains(share), "\(share) %")) }
    if size == nil, wait == nil, moment == nil, bytes == nil { return .refused }
    return complaints.compactMap { $0 }.first.map { .broken($0) } ?? .taken
  }
#endif
