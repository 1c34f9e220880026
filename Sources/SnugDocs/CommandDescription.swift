/// One subcommand, as the command line's own declaration has it.
public struct CommandDescription: Sendable {
  /// `run`.
  public var name: String
  /// One line, with its full stop.
  public var abstract: String
  /// Paragraphs; empty where there are none.
  public var discussion: String
  /// How it is written, one line each, beginning with `snug`.
  public var usage: [String]
  /// Flags and options with a value, in the order of the help; not `--help` and `--version`, which every command has.
  public var options: [OptionDescription]

  /// Joins the parts.
  public init(name: String, abstract: String, discussion: String, usage: [String], options: [OptionDescription]) {
    self.name = name
    self.abstract = abstract
    self.discussion = discussion
    self.usage = usage
    self.options = options
  }
}

/// One option of a subcommand.
public struct OptionDescription: Sendable {
  /// With their dashes, the short one first: `-p`, `--profile`.
  public var names: [String]
  /// What its value is called; nil for a flag.
  public var valueName: String?
  /// One line, with its full stop.
  public var help: String
  /// All values there are, where they are few.
  public var words: [String]

  /// Joins the parts.
  public init(names: [String], valueName: String?, help: String, words: [String]) {
    self.names = names
    self.valueName = valueName
    self.help = help
    self.words = words
  }
}
