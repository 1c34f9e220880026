import ArgumentParser
import SnugPlan
import SnugProfile
import SnugSandbox
import SnugStart

/// `snug seccomp`: a filter in words.
struct SeccompCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seccomp", abstract: "Show what a seccomp preset refuses, and why.")

  @Flag(help: "The program as it is loaded, one instruction a line.") var listing = false
  @Argument(help: "base, desktop, devel, nested or none.") var preset: String

  func run() throws {
    guard let preset = Seccomp.Preset(rawValue: preset) else {
      let known = Seccomp.Preset.allCases.map(\.rawValue).joined(separator: ", ")
      say("snug: unknown preset \(escaped(self.preset))\n  hint: the presets are \(known)\n")
      throw Status(code: 2)
    }
    let policy = SeccompPolicy(preset: preset)
    guard listing else { return answer(describeFilter(policy)) }
    do throws(SeccompError) {
      answer(listFilter(try assembleFilter(policy)?.instructions ?? []))
    } catch {
      say(error.diagnostic(at: nil).text + "\n")
      throw Status(code: 1)
    }
  }
}
