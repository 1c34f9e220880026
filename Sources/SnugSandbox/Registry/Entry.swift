import Glibc
import SnugPlan
import SnugProfile

/// What the registry tells of an instance, as its launcher wrote it.
public struct Entry: Hashable, Sendable {
  /// Its name.
  public var instance: InstanceName
  /// The profile as it was asked for: a name or a file.
  public var profile: String
  /// The profile's id.
  public var appID: String
  /// PID 1 of the instance, by its host pid.
  public var first: ProcessIdentity
  /// The process that holds the claim: the launcher, or the supervisor of a detached instance.
  public var launcher: ProcessIdentity
  /// When it was started, in seconds since 1970.
  public var started: Int64
  /// Whether it was started to outlive its launcher.
  public var isDetached: Bool
  /// Whether it stays without an app.
  public var isKept: Bool
  /// Whether another start of the profile hands its arguments over to this one.
  public var isSingle: Bool
  /// Whether everything inside is halted.
  public var isPaused: Bool
  /// Keys of the profile that are not enforced.
  public var notEnforced: [String]

  /// Makes an entry of this launcher's that starts now.
  ///
  /// - Parameter pid: host pid of PID 1, a child that was not waited for yet.
  public init(
    _ instance: InstanceName, profile: String, appID: String, pid: Int32, isDetached: Bool = false,
    isKept: Bool = false, isSingle: Bool = false, notEnforced: [String] = []
  ) {
    self.instance = instance
    self.profile = profile
    self.appID = appID
    first = ProcessIdentity(of: pid)
    launcher = .own
    started = Int64(time(nil))
    self.isDetached = isDetached
    self.isKept = isKept
    self.isSingle = isSingle
    isPaused = false
    self.notEnforced = notEnforced
  }

  /// Version of the form that is written and read.
  static let version: UInt64 = 1

  /// As it stands in `entry.json`.
  public var json: JSON {
    .object([
      .init("version", .number(Self.version)), .init("instance", .text(instance.text)),
      .init("profile", .text(profile)), .init("app-id", .text(appID)), .init("pid", .integer(first.pid)),
      .init("pid-start", .number(first.startTime)), .init("launcher", .integer(launcher.pid)),
      .init("launcher-start", .number(launcher.startTime)), .init("started", .text(timestamp(started))),
      .init("detached", .boolean(isDetached)), .init("kept", .boolean(isKept)), .init("single", .boolean(isSingle)),
      .init("paused", .boolean(isPaused)), .init("not-enforced", .texts(notEnforced)),
    ])
  }

  /// Reads what a launcher wrote, of this version or a later one of the same form: keys that are not known are passed
  /// over, and what only tells more may be missing.
  ///
  /// - Parameter name: the name that the entry was found under.
  /// - Throws: why it cannot be used.
  public init(parsing bytes: some Collection<UInt8>, of name: InstanceName) throws(Diagnostic) {
    func broken(_ reason: String, hint: String? = nil) -> Diagnostic {
      Diagnostic("cannot read the entry of the instance \(name): \(reason)", hint: hint)
    }
    let json: JSON
    do throws(JSONError) { json = try JSON(parsing: bytes) } catch { throw broken(error.description) }
    guard let version = json["version"]?.number else { throw broken("it has no version") }
    guard version == Self.version else {
      throw broken("its version is \(version), this Snug reads \(Self.version)", hint: "ask the Snug that started it")
    }
    func needed<Value>(_ key: String, _ read: (JSON) -> Value?) throws(Diagnostic) -> Value {
      guard let value = json[key].flatMap(read) else { throw broken("it has no usable \"\(key)\"") }
      return value
    }
    guard try needed("instance", { $0.text }) == name.text else { throw broken("it names another instance") }
    instance = name
    profile = try needed("profile", { $0.text })
    appID = try needed("app-id", { $0.text })
    first = ProcessIdentity(
      pid: try needed("pid") { $0.int32.flatMap { $0 > 0 ? $0 : nil } },
      startTime: try needed("pid-start", { $0.number }))
    launcher = ProcessIdentity(
      pid: try needed("launcher") { $0.int32.flatMap { $0 > 0 ? $0 : nil } },
      startTime: try needed("launcher-start", { $0.number }))
    started = try needed("started") { $0.text.flatMap(seconds(ofTimestamp:)) }
    isDetached = json["detached"]?.boolean ?? false
    isKept = json["kept"]?.boolean ?? false
    isSingle = json["single"]?.boolean ?? false
    isPaused = json["paused"]?.boolean ?? false
    notEnforced = json["not-enforced"]?.texts ?? []
  }
}
