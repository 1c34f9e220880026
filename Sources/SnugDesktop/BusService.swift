/// A file that tells the message bus how to start the owner of a name. See dbus-daemon(1).
public struct BusService: Hashable, Sendable {
  /// The only group that the bus reads.
  public static let group = "D-BUS Service"
  static let unitKey = "SystemdService"

  /// The text.
  public var file: KeyFile
  /// The bus name.
  public var name: String
  /// What is started.
  public var line: StartLine
  /// The unit that the service manager starts in place of the line, where there is such a manager.
  public var unit: String?
  /// The profile that it was wrapped for, where Snug has written the file.
  public var profile: String?
  /// Whether somebody has changed it since.
  public var isChanged: Bool { file.isChanged(in: Self.group) }

  /// Reads a file.
  public init(_ bytes: [UInt8]) throws(KeyFile.Failure) {
    file = try KeyFile(bytes)
    guard let name = file.entry("Name", in: Self.group).flatMap({ decodedValue($0.raw) }), isBusName(name) else {
      throw KeyFile.Failure(line: 0, "it has no Name in [\(Self.group)]")
    }
    guard let exec = file.entry("Exec", in: Self.group) else { throw KeyFile.Failure(line: 0, "it has no Exec") }
    self.name = name
    do throws(StartLine.Failure) {
      line = try StartLine(exec.raw, for: .bus)
    } catch {
      throw KeyFile.Failure(line: exec.line, "Exec has \(error.reason)")
    }
    unit = file.entry(Self.unitKey, in: Self.group).flatMap { decodedValue($0.raw) }
    profile = file.entry(DesktopEntry.profileKey, in: Self.group).flatMap { decodedValue($0.raw) }
  }
}

/// Whether a text is a well-known bus name: it becomes the name of a file.
private func isBusName(_ name: String) -> Bool {
  let elements = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  return name.utf8.count <= 255 && elements.count > 1
    && elements.allSatisfy { element in
      !element.isEmpty
        && element.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
    }
}
