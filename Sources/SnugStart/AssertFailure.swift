import SnugPlan
import SnugProfile

/// What a person reads about a claim that does not hold.
package func assertFailure(_ claim: PlannedAssert, _ reason: String, _ profile: String) -> Diagnostic {
  var hint: String?
  switch claim.claim {
  case .hidden(let path), .readable(let path), .writable(let path):
    hint = "snug explain \(profile) \(path.written) tells which line decides"
  case .network: hint = "network.mode decides"
  }
  return Diagnostic("assert does not hold: \(claim.text): \(reason)", at: claim.origin, hint: hint)
}
