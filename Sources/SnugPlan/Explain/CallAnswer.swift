import SnugProfile

extension Questioner {
  /// May the app make this system call?
  ///
  /// - Throws: a diagnostic where no call has that name.
  func answer(call name: String, _ asked: String) throws(Diagnostic) -> Answer {
    guard let call = SystemCall.named(name) else {
      throw SeccompError.unknownCall(name, nearest: SystemCall.nearest(to: name)).diagnostic(at: nil)
    }
    let asks = profile.seccomp
    var answer = Answer(query: asked, word: .allowed, text: "", origins: [asks.preset.origin])
    if call.number(on: .native) == nil {
      let compat = FilterArchitecture.native.compat.flatMap { call.number(on: $0) }
      if compat == nil || !asks.multiarch.value {
        answer.word = .refused
        answer.text = "no: this processor has no such call" + (call.restriction.map { " (\($0))" } ?? "")
        return answer
      }
      answer.notes.append("Only 32-bit programs have it here.")
    }
    let groups = filterGroups(plan.seccomp)
    let matching = groups.compactMap { group -> FilterGroup? in
      let rules = group.rules.filter { $0.call == name }
      return rules.isEmpty ? nil : FilterGroup(group.name, group.reason, rules)
    }
    if let denied = asks.deny.first(where: { $0.value == name }) {
      (answer.word, answer.text, answer.origins) = (.refused, "no: refused with EPERM, as deny says", [denied.origin])
      return answer
    }
    if let allowed = asks.allow.first(where: { $0.value == name }) {
      answer.text = "yes: allow lets it through"
      answer.origins = [allowed.origin]
      answer.notes += lifted(name)
      return answer
    }
    guard !matching.isEmpty else {
      answer.text =
        hasFilter(plan.seccomp)
        ? "yes: preset \"\(asks.preset.value.rawValue)\" lets it through"
        : "yes: there is no filter, everything is let through"
      answer.notes.append("The kernel still refuses what needs privileges: the app has none.")
      return answer
    }
    tell(matching, name, &answer)
    return answer
  }

  private func tell(_ groups: [FilterGroup], _ name: String, _ answer: inout Answer) {
    let rules = groups.flatMap({ $0.rules })
    if let rule = rules.first(where: { $0.test == nil }) {
      answer.word = .refused
      answer.text = "no: \(rule.verdict.words), by preset \"\(profile.seccomp.preset.value.rawValue)\""
    } else {
      answer.word = .partly
      answer.text = "yes, but for some arguments, by preset \"\(profile.seccomp.preset.value.rawValue)\""
      answer.notes += rules.map { "It is \($0.verdict.words) \($0.condition)." }
    }
    answer.notes += groups.map { "Why (\($0.name)): \($0.reason)." }
    if SystemCall.neededByInit.contains(name), answer.word == .refused { return }
    let price = answer.word == .partly ? ", whatever its arguments are" : ""
    answer.remedies = ["To let it through\(price): allow = [\(quoted(name))] under [seccomp]."]
  }

  /// What the preset would have said.
  private func lifted(_ name: String) -> [String] {
    let asks = profile.seccomp
    let groups = presetGroups(asks.preset.value, multiarch: asks.multiarch.value).filter { group in
      group.rules.contains { $0.call == name }
    }
    if groups.isEmpty { return ["Preset \"\(asks.preset.value.rawValue)\" does so without it."] }
    return groups.map { "The preset refuses it (\($0.name)): \($0.reason)." }
  }
}

extension FilterVerdict {
  /// What the program meets, in words.
  fileprivate var words: String {
    switch self {
    case .refused: "refused with \(errnoName)"
    case .absent: "answered with \(errnoName), as if the kernel did not have it, so that programs go another way"
    case .familyAbsent: "answered with \(errnoName), as if the kernel did not have that kind of socket"
    }
  }
}
