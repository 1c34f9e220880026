// libFuzzer around one target: `share/fuzz` builds and starts it.
//
//   snug-fuzz --list
//   snug-fuzz --seeds TARGET FOLDER     writes what mutations begin with
//   snug-fuzz TARGET [OPTIONS OF LIBFUZZER] [FOLDERS]
import FuzzTargets
import Glibc

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ judge: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

nonisolated(unsafe) private var target: FuzzTarget?

private func complain(_ text: String) {
  let bytes = Array("snug-fuzz: \(text)\n".utf8)
  _ = write(2, bytes, bytes.count)
}

private func find(_ name: String) -> FuzzTarget {
  guard let found = fuzzTargets.first(where: { $0.name == name }) else {
    complain("no target \(name); --list shows them")
    exit(2)
  }
  return found
}

private let words = CommandLine.arguments
switch words.dropFirst().first {
case nil, "--list":
  for target in fuzzTargets { print(target.name) }
case "--seeds":
  guard words.count == 4 else { exit(2) }
  for (index, seed) in find(words[2]).seeds.enumerated() {
    guard let file = fopen("\(words[3])/seed-\(index)", "we") else { exit(1) }
    fwrite(seed, 1, seed.count, file)
    fclose(file)
  }
  // The marks of the language, in the form of libFuzzer's dictionaries.
  guard let file = fopen("\(words[3]).dictionary", "we") else { exit(1) }
  for piece in find(words[2]).pieces {
    fputs("\"" + piece.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\"\n", file)
  }
  fclose(file)
default:
  target = find(words[1])
  var arguments: [UnsafeMutablePointer<CChar>?] = ([words[0]] + words.dropFirst(2)).map { strdup($0) } + [nil]
  var count = CInt(arguments.count - 1)
  arguments.withUnsafeMutableBufferPointer { buffer in
    guard var start = buffer.baseAddress else { return }
    exit(
      runDriver(&count, &start) { bytes, count in
        let input = Array(UnsafeBufferPointer(start: bytes, count: count))
        if case .broken(let complaint)? = target?.judge(input) {
          complain(complaint)
          abort()
        }
        return 0
      })
  }
}
