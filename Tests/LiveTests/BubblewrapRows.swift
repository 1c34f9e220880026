import TestSupport
import Testing

/// One row of a table: options, and what a line of shell says inside about what they did.
struct BubblewrapRow {
  var options: [String]
  var line: String
  var output: String
  /// What descriptors 8 and on give.
  var data: [String]

  /// `WORK` in the options is the fixture's folder.
  init(_ options: String, _ line: String, _ output: String, data: [String] = []) {
    self.options = options.split(separator: " ").map(String.init)
    self.line = line
    self.output = output
    self.data = data
  }

  /// Both names of the executable say the same.
  func check(_ stage: Stage, _ folder: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let words =
      stage.smallRoot + options.map { $0.replacing("WORK", with: folder) } + [
        "/bin/sh", "-c", line.replacing("WORK", with: folder),
      ]
    for name in [[stage.bwrap], [stage.snug, "bwrap"]] {
      var files: [Int32: OpenFile] = [:]
      for (index, text) in data.enumerated() { files[Int32(8 + index)] = try OpenFile(holding: text.utf8) }
      let done = try withExtendedLifetime(files) {
        try stage.run(name + words, descriptors: files.mapValues(\.number))
      }
      #expect(done.status == 0, "\(options): \(done.everything)", sourceLocation: sourceLocation)
      #expect(done.output == output, "\(options): \(line)", sourceLocation: sourceLocation)
      #expect(done.errors == "", "\(options)", sourceLocation: sourceLocation)
    }
  }
}

extension Stage {
  /// A folder of the user's, made anew: `file`, `script`, `directory/deep`, layers `a` and `b`, `up`, `work`.
  func boxFixture() throws -> String {
    let folder = "\(try workFolder())/box"
    try outside(
      shell: """
        rm -rf \(folder); mkdir -p \(folder)/directory/deep \(folder)/a \(folder)/b \(folder)/up \(folder)/work
        cd \(folder); echo text >file; echo a >a/both; echo a >a/a; echo b >b/both; echo b >b/b
        """)
    return folder
  }
}
