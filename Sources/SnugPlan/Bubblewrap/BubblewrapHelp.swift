/// The version of bubblewrap whose options are taken.
public let bubblewrapVersion = "0.11.1"

/// What `--version` prints. The first line is the one that callers compare.
public func bubblewrapVersionText(snug version: String) -> String {
  """
  bubblewrap \(bubblewrapVersion)
  snug \(version), takes the options of bubblewrap \(bubblewrapVersion)

  """
}

/// What `--help` prints, with its last newline.
public var bubblewrapHelp: String {
  var text = """
    usage: bwrap [OPTION]... [--] COMMAND [ARGUMENT]...

    Runs COMMAND in a new root that holds nothing but what the options put there, in their order.

    """
  let width = bubblewrapOptionGroups.flatMap({ $0.options }).map { call($0).count }.max() ?? 0
  for group in bubblewrapOptionGroups {
    text += "\n\(group.title)\n"
    for option in group.options {
      let left = call(option)
      text += "  \(left)\(String(repeating: " ", count: width - left.count))  \(option.summary)\n"
    }
  }
  return text
}

private func call(_ option: BubblewrapOption) -> String {
  option.arguments.isEmpty ? option.name : option.name + " " + option.arguments
}
