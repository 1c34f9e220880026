/// One option: a row of the tables that parsing and `--help` share.
struct BubblewrapOption: Sendable {
  /// What it does when it is met.
  enum Effect: Sendable {
    /// Changes the request.
    case change(@Sendable (inout BubblewrapParser) throws(BubblewrapError) -> Void)
    /// Reads more words from a descriptor.
    case readWords
    case help
    case version
    /// Ends the options.
    case end
  }

  /// With its dashes.
  let name: String
  /// Its arguments as `--help` names them, a blank between them.
  let arguments: String
  let summary: String
  /// What is said when arguments are missing, where it is not the usual text.
  private let ownMissing: String?
  let effect: Effect

  init(_ name: String, _ arguments: String, _ summary: String, missing: String? = nil, _ effect: Effect) {
    self.name = name
    self.arguments = arguments
    self.summary = summary
    self.effect = effect
    ownMissing = missing
  }

  init(
    _ name: String, _ arguments: String, _ summary: String, missing: String? = nil,
    change: @escaping @Sendable (inout BubblewrapParser) throws(BubblewrapError) -> Void
  ) {
    self.init(name, arguments, summary, missing: missing, .change(change))
  }

  /// How many arguments it has.
  var count: Int { arguments.isEmpty ? 0 : 1 + arguments.utf8.count { $0 == UInt8(ascii: " ") } }

  /// What is said when arguments are missing. Made when it is said: each start makes all options.
  var missing: String {
    let amount = ["", "an argument", "two arguments", "three arguments"]
    return ownMissing ?? "\(name) takes \(amount[count])"
  }

  /// The two that say something about the option after them.
  var isModifier: Bool { name == "--perms" || name == "--size" }
}

/// Options that belong together in `--help`.
struct BubblewrapOptionGroup: Sendable {
  let title: String
  let options: [BubblewrapOption]
}

/// Every option, in the order of `--help`.
let bubblewrapOptionGroups = [
  generalOptions, namespaceOptions, processOptions, environmentOptions, bindOptions, overlayOptions, fileOptions,
  descriptorOptions, securityOptions,
]

/// The option of a name. One after the other: to make a table of them by name takes longer than most command lines need.
func bubblewrapOption(_ name: [UInt8]) -> BubblewrapOption? {
  for group in bubblewrapOptionGroups {
    for option in group.options where option.name.utf8.count == name.count && option.name.utf8.elementsEqual(name) {
      return option
    }
  }
  return nil
}
