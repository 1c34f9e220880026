import Testing

@testable import SnugProfile

@Suite struct ShowTests {
  /// Values without places, layers and the words paths were written with.
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

  private func comesBack(_ profile: MergedProfile, sourceLocation: SourceLocation = #_sourceLocation) {
    let text = showText(profile)
    do {
      let tree = ["\(userDirectory)/p0.toml": TestFile(text: text)]
      let again = try loader(tree).merge("p0")
      let (left, right) = (profile.values.mapValues(plain), again.values.mapValues(plain))
      for name in Set(left.keys).union(right.keys)
      where name != "version" && name != "extends" && left[name] != right[name] {
        Issue.record(
          "\(name): \(String(describing: left[name])) is \(String(describing: right[name]))",
          sourceLocation: sourceLocation)
      }
    } catch {
      Issue.record("\(error)\n\(text)", sourceLocation: sourceLocation)
    }
  }

  @Test func whatIsShownReadsBack() throws {
    comesBack(try merged(""))
    comesBack(try merged(everything))
    comesBack(try merged(everything, "bus.session = false\noptional = ['!landlock']\nlandlock.scope = ['!signal']"))
    comesBack(try merged("landlock.connect-tcp = []\nprograms = []\nbus.system = {}"))
    comesBack(try merged("environment.set = { 'odd \"name\"\\n' = \"v\u{202E}\\u0007\" }"))
    comesBack(try merged("process.cancel-signal = 'USR1'\nprocess.adopt-wait = '1500ms'\nfiles.read = ['!~/gone']"))
  }

  @Test func originsStandBesideTheirValues() throws {
    let text = showText(
      try merged(
        "files.read = ['~/a']", "network.mode = 'host'",
        options: [OptionSetting(key: "files.write", text: "x", option: "--write")]))
    #expect(text.contains("  \"~/a\",  # \(userDirectory)/p0.toml:2:15\n"))
    #expect(text.contains("mode = \"host\"  # \(userDirectory)/p1.toml:3:16\n"))
    #expect(text.contains("  \"/home/ada/work/x\",  # --write\n"))
    #expect(text.contains("root = \"system\"  # defaults\n"))
    #expect(text.hasPrefix("# layer: \(userDirectory)/p0.toml\n# layer: \(userDirectory)/p1.toml\nversion = 1\n"))
  }

  @Test func quotingIsSafe() {
    #expect(quoted("a\"b\\c\n\u{1B}\u{202E}\u{E0001}é") == "\"a\\\"b\\\\c\\n\\u001b\\u202e\\U000e0001é\"")
  }
}
