/// What `snug run` was asked for, read from argv by hand: ArgumentParser's start costs more than the whole sandbox. A test
/// holds this reader and `RunCommand`'s declaration against each other.
package struct RunRequest: Equatable {
  /// An option that changes the profile, as it was given.
  package struct Setting: Equatable {
    package var option: String
    package var value: [UInt8]
  }

  /// Profile name or file; nil: `default`.
  package var profile: [UInt8]?
  /// What stands behind the options; with `profile` or after `--` its first word is the program.
  package var words: [[UInt8]] = []
  /// Whether `words` starts with a program (CMD) and not with a profile's name.
  package var namesProgram = false
  /// In the order given.
  package var settings: [Setting] = []
  package var statusDescriptor: Int32?
  package var passedDescriptors: [Int32] = []
  package var instance: [UInt8]?
  package var shareNetworkWith: [UInt8]?
  /// The name that the message bus starts it for.
  package var busName: [UInt8]?
  package var detach = false
  package var keep = false
  package var fromMenu = false
  package var traceTiming = false
  package var verbose = false
  package var help = false

  package init() {}

  /// Why the words make no request.
  package struct UsageError: Error, Equatable {
    package var message: String
    /// The one remedy.
    package var hint: String

    package init(message: String, hint: String = "snug run --help") {
      self.message = message
      self.hint = hint
    }
  }

  /// Options with a value that go to the profile.
  package static let settingOptions = ["--read", "--write", "--hide", "--network", "--setenv", "--keep-env", "--home"]

  /// Reads the words after `run`, or those of `plan`, where the profile's `name` may come first.
  package static func parse(_ arguments: [[UInt8]], name: [UInt8]? = nil) throws(UsageError) -> RunRequest {
    var request = RunRequest()
    var index = 0
    while index < arguments.count {
      let word = arguments[index]
      if word == Array("--".utf8) {
        request.namesProgram = true
        index += 1
        break
      }
      // A name that begins with a dash needs `--` before it.
      guard word.first == UInt8(ascii: "-"), word.count > 1 else { break }
      let equals = word.starts(with: Array("--".utf8)) ? word.firstIndex(of: UInt8(ascii: "=")) : nil
      let option = String(decoding: word[..<(equals ?? word.endIndex)], as: UTF8.self)
      index += 1

      func value() throws(UsageError) -> [UInt8] {
        if let equals { return Array(word[(equals + 1)...]) }
        // A value that was forgotten, not a path of that name: that one is `./--`.
        guard index < arguments.count, arguments[index] != Array("--".utf8) else {
          throw UsageError(message: "\(option) needs a value")
        }
        defer { index += 1 }
        return arguments[index]
      }
      func flag() throws(UsageError) -> Bool {
        if equals != nil { throw UsageError(message: "\(option) takes no value") }
        return true
      }

      switch option {
      case _ where settingOptions.contains(option):
        request.settings.append(Setting(option: option, value: try value()))
      case "-p", "--profile": request.profile = try value()
      case "--name": request.instance = try value()
      case "--share-network-with": request.shareNetworkWith = try value()
      case "--bus-name": request.busName = try value()
      case "--status-fd": request.statusDescriptor = try descriptor(option, try value(), lowest: 0)
      case "--fd": request.passedDescriptors.append(try descriptor(option, try value(), lowest: 3))
      case "--detach": request.detach = try flag()
      case "--keep": request.keep = try flag()
      case "--from-menu": request.fromMenu = try flag()
      case "--trace-timing": request.traceTiming = try flag()
      case "-v", "--verbose": request.verbose = try flag()
      case "-h", "--help": request.help = try flag()
      default: throw UsageError(message: "unknown option \(option)")
      }
    }
    request.words = Array(arguments[index...])
    if let name {
      if request.profile != nil { throw UsageError(message: "the profile is given twice, by name and by -p") }
      if request.namesProgram { request.profile = name } else { request.words.insert(name, at: 0) }
    }
    if request.profile != nil {
      request.namesProgram = true
      // `-p X CMD -- a` keeps its `--`; only one directly before CMD is ours.
    }
    if request.help { return request }
    if request.keep {
      try request.checkKeep()
      return request
    }
    guard request.words.isEmpty else { return request }
    if let profile = request.profile {
      throw UsageError(
        message: "no command is given",
        hint: "without -p the profile's own program is run: snug run \(String(decoding: profile, as: UTF8.self))")
    }
    throw UsageError(message: request.namesProgram ? "no command is given" : "no profile is given")
  }

  /// A kept sandbox has no program: a word is the profile's name.
  private func checkKeep() throws(UsageError) {
    if namesProgram ? !words.isEmpty : words.count > 1 {
      throw UsageError(message: "--keep starts no program", hint: "snug exec INSTANCE CMD runs one in it")
    }
    if !passedDescriptors.isEmpty {
      throw UsageError(message: "--fd passes a descriptor to the program, and --keep starts none")
    }
  }

  /// Strict decimal: no sign, no blank, no leading zero.
  private static func descriptor(_ option: String, _ text: [UInt8], lowest: Int32) throws(UsageError) -> Int32 {
    let word = String(decoding: text, as: UTF8.self)
    guard let number = Int32(word), String(number) == word, number >= lowest else {
      throw UsageError(message: "\(option) needs the number of an open descriptor, \(lowest) or more, not \(word)")
    }
    return number
  }
}
