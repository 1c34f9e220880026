import ArgumentParser
import SnugPlan
import SnugProfile

/// `snug seccomp`: a filter in words.
struct SeccompCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seccomp", abstract: "Show what a seccomp preset refuses, and why.")

  @Argument(help: "base, desktop, devel, nested or none.") var preset: String

  func run() throws {
    guard let preset = Seccomp.Preset(rawValue: preset) else {
      let known = Seccomp.Preset.allCases.map(\.rawValue).joined(separator: ", ")
      say("snug: unknown preset \(escaped(self.preset))\n  hint: the presets are \(known)\n")
      throw Status(code: 2)
    }
    answer(describeFilter(SeccompPolicy(preset: preset)))
  }
}
