import SnugProfile

/// What a program uses, told by the names of the libraries it asks for.
public enum Trait: String, Hashable, Sendable, CaseIterable {
  /// Windows, through whatever toolkit.
  case windows
  /// A Wayland client by itself or through its toolkit.
  case wayland
  case sound, graphics, network, bus

  /// What the name of a library says.
  static func of(library name: String) -> Set<Trait> {
    for (prefixes, traits) in table where prefixes.contains(where: { name.hasPrefix($0) }) { return traits }
    return []
  }

  private static let table: [(prefixes: [String], traits: Set<Trait>)] = [
    (
      [
        "libgtk-3", "libgtk-4", "libgdk-3", "libadwaita", "libQt5Gui", "libQt6Gui", "libQt5Widgets", "libQt6Widgets",
        "libSDL2", "libSDL3", "libglfw", "libwx_gtk3",
      ], [.windows, .wayland]
    ),
    (
      [
        "libgtk-x11", "libgdk-x11", "libSDL-", "libX11.", "libxcb.", "libXt.", "libXaw", "libfltk", "libtk8", "libglut",
      ],
      [.windows]
    ),
    (["libwayland-client"], [.windows, .wayland]),
    (["libpulse", "libpipewire", "libasound", "libjack", "libopenal"], [.sound]),
    (["libGL.", "libGLX", "libEGL", "libGLESv", "libOpenGL", "libvulkan", "libgbm", "libdrm"], [.graphics]),
    (
      ["libcurl", "libssl.", "libgnutls", "libnss3", "libsoup-", "libQt5Network", "libQt6Network", "libssh"],
      [.network]
    ),
    (["libdbus-1"], [.bus]),
  ]
}

/// What is known about a program, for its starter profile.
public struct ProgramTraits: Hashable, Sendable {
  /// Name without a directory.
  public var name: String
  /// The path it was found at; nil where no program was found.
  public var path: String?
  /// The same with every link followed.
  public var real: String?
  /// Of a script, the program that runs it, as its first line has it.
  public var interpreter: String?
  /// What it uses.
  public var traits: Set<Trait> = []
  /// What the menu says about it.
  public var entry: MenuEntry?
  /// The id that the menu's file name gives, where it is reverse DNS.
  public var id: String?
  /// Its files in the caller's home, as a profile names them, sorted.
  public var state: [String] = []
  /// Whether the caller's X server can be reached.
  public var hasDisplay = false
  /// Which `xdg-` directories the caller has.
  public var directories: Set<String> = []

  /// Knows nothing but a name.
  public init(name: String) { self.name = name }
}

/// Reads part of a file: bytes at an offset, nil where it cannot be read.
public typealias ReadPart = (_ path: String, _ offset: UInt64, _ count: Int) -> [UInt8]?

extension ProgramTraits {
  /// Looks at a program's file: what runs it and which libraries it asks for.
  ///
  /// Libraries of its own are opened too, because many programs are a small front of one; those that say what they are
  /// for are not, because what GTK asks for is not what the program asks for.
  public mutating func look(at path: String, on host: Host, _ read: @escaping ReadPart) {
    self.path = path
    guard case .exists(let real, .file, _, _) = host.look(path) else { return }
    self.real = real
    if let first = read(real, 0, 256), first.starts(with: Array("#!".utf8)) {
      interpreter = interpreterName(first)
      return
    }
    var waiting = [real]
    var seen: Set<String> = []
    while let file = waiting.popLast(), seen.count < 200 {
      guard let elf = readELF({ read(file, $0, $1) }) else { continue }
      for name in elf.needed where seen.insert(name).inserted {
        let found = Trait.of(library: name)
        traits.formUnion(found)
        if found.isEmpty, let place = library(name, elf.runPath, of: file, host) { waiting.append(place) }
      }
    }
  }

  /// The name of the program on a `#!` line; of `env`, the one that it starts.
  private func interpreterName(_ first: [UInt8]) -> String? {
    let line = String(decoding: first.dropFirst(2).prefix { $0 != 0x0A }, as: UTF8.self)
    let words = line.split { $0 == " " || $0 == "\t" }.map { String($0.split(separator: "/").last ?? $0) }
    guard words.first == "env" else { return words.first }
    return words.dropFirst().first { !$0.hasPrefix("-") && !$0.contains("=") }
  }

  private func library(_ name: String, _ path: [String], of file: String, _ host: Host) -> String? {
    // The C library and its loader ask for nothing that says what a program is.
    if name.hasPrefix("libc.so") || name.hasPrefix("ld-linux") { return nil }
    let folder = "/" + file.split(separator: "/").dropLast().joined(separator: "/")
    let own = path.map { $0.replacing("${ORIGIN}", with: folder).replacing("$ORIGIN", with: folder) }
    for directory in own + Self.libraryDirectories {
      if case .exists(let real, .file, _, _) = host.look(joined(directory, name)) { return real }
    }
    return nil
  }

  private static let libraryDirectories = [
    "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib/i386-linux-gnu", "/usr/lib64", "/usr/lib",
    "/usr/local/lib",
  ]

  /// Looks for the program's files in the caller's home and for the caller's directories.
  public mutating func lookAround(_ host: Host, _ context: PathContext) {
    var names = [name]
    if let title = entry?.name, !title.contains("/") { names += [title, title.lowercased()] }
    let places = names.flatMap { name in
      ["xdg-config/\(name)", "xdg-data/\(name)", "xdg-cache/\(name)", "~/.\(name)"]
    }
    state = Set(places.filter { exists($0, host, context) }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    directories = Set(
      ["xdg-documents", "xdg-download", "xdg-music", "xdg-pictures", "xdg-videos"].filter { exists($0, host, context) })
    let number = host.variable("DISPLAY").flatMap(localDisplay)?.number
    if let number, case .exists(_, .socket, _, _) = host.look("/tmp/.X11-unix/X\(number)") { hasDisplay = true }
  }

  private func exists(_ name: String, _ host: Host, _ context: PathContext) -> Bool {
    guard let path = context.absolute(name), case .exists = host.look(path) else { return false }
    return true
  }
}
