import FuzzTargets
import Glibc
import TestSupport
import Testing

extension Live {
  /// Every reader of what others write, with inputs made by a mutator of a fixed seed. `share/fuzz` looks for more with
  /// libFuzzer; what it has found stands in the corpus and is tried here for ever.
  @Suite(.serialized) struct FuzzReaders {
    private static let corpus =
      "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fuzz/Corpus"
    private static let shipped = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/profiles"

    private struct Count {
      var taken = 0
      var refused = 0
      var broken: [String] = []
    }

    /// The input at hand, in a file that outlives a crash of this process.
    private final class LastInput {
      private static let size = 1 << 20
      let path = "/tmp/snug-fuzz-\(getpid())"
      private let memory: UnsafeMutableRawPointer

      init() throws {
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, Self.size) == 0,
          let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
        else { throw SpawnError(what: path, code: errno) }
        close(file)
        self.memory = memory
      }

      func note(_ name: String, _ bytes: [UInt8]) {
        let all = Array("\(name) \(bytes.count)\n".utf8) + bytes
        all.withUnsafeBytes { bytes in
          if let start = bytes.baseAddress { memory.copyMemory(from: start, byteCount: min(bytes.count, Self.size)) }
        }
      }

      deinit {
        munmap(memory, Self.size)
        unlink(path)
      }
    }

    private func run(_ target: FuzzTarget, inputs: [[UInt8]], mutations: Int, _ last: LastInput) -> Count {
      var count = Count()
      func take(_ bytes: [UInt8]) {
        last.note(target.name, bytes)
        switch target.judge(bytes) {
        case .taken: count.taken += 1
        case .refused: count.refused += 1
        case .broken(let complaint):
          if count.broken.count < 5 { count.broken.append("\(target.name): \(complaint)\n  for \(bytes)") }
        }
      }
      for bytes in inputs { take(bytes) }
      var mutator = Mutator(Numbers(state: 7), pieces: target.pieces)
      for _ in 0..<mutations { take(mutator.next(of: inputs)) }
      return count
    }

    /// Seeds, what was found before, and for profiles those that are shipped.
    private func inputs(_ target: FuzzTarget) -> [[UInt8]] {
      let folders = ["\(Self.corpus)/\(target.name)"] + (target.name == "profile" ? [Self.shipped] : [])
      return target.seeds
        + folders.flatMap { folder in
          (names(in: folder) ?? []).sorted().compactMap { readBytes("\(folder)/\($0)") }
        }
    }

    @Test func `whatever the bytes: read or refused, as each reader promises`() throws {
      let last = try LastInput()
      let mutations = wantsLongForm ? 100_000 : 1_000
      var table = ProofTable(
        "fuzz-readers", title: "Readers under mutated input, fixed seed",
        header: ["reader", "what holds", "inputs", "read", "refused", "broken"])
      for target in fuzzTargets {
        let inputs = inputs(target)
        let began = milliseconds()
        let count = run(target, inputs: inputs, mutations: mutations, last)
        print("\(target.name): \(inputs.count) + \(mutations) inputs in \(rounded(milliseconds() - began)) ms")
        for broken in count.broken { Issue.record("\(broken)") }
        // Else nothing was tried.
        #expect(count.taken > 0, "\(target.name) takes nothing")
        if target.name != "escape" { #expect(count.refused > 0, "\(target.name) refuses nothing") }
        table.rows.append([
          target.name, target.claim, "\(inputs.count + mutations)", "\(count.taken)", "\(count.refused)",
          "\(count.broken.count)",
        ])
      }
      try table.publish()
    }

    /// The positive control: readers with one usual fault each.
    @Test func `a reader that is wrong is found`() throws {
      let flawed = [
        FuzzTarget("believes a length", claim: "", seeds: [[4, 1, 2, 3, 4]]) { bytes in
          guard let count = bytes.first else { return .refused }
          return Int(count) > bytes.count - 1 ? .broken("it reads behind the end") : .taken
        },
        FuzzTarget("forgets an escape", claim: "", seeds: [Array("\"a b\"".utf8)], pieces: ["\\\"", "\\"]) { bytes in
          guard bytes.first == 0x22, bytes.count > 1, bytes.last == 0x22 else { return .refused }
          return bytes.dropLast().last == 0x5C ? .broken("it ends at a quote that is escaped") : .taken
        },
        FuzzTarget("adds without looking", claim: "", seeds: [[0, 0, 0, 8, 0, 0, 0, 8]]) { bytes in
          guard bytes.count == 8 else { return .refused }
          return bytes[0] > 0x7f && bytes[4] > 0x7f ? .broken("it overflows") : .taken
        },
      ]
      let last = try LastInput()
      for target in flawed {
        let found = run(target, inputs: target.seeds, mutations: 5_000, last).broken
        #expect(!found.isEmpty, "\(target.name)")
      }
    }
  }
}
