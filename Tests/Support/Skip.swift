import Glibc
import Testing

/// Ends a test that cannot run on this machine: says why, and fails it where `SNUG_MUST_WORK` is set. Use it as
/// `guard ... else { return skip("...") }`.
package func skip(_ reason: String) {
  if getenv("SNUG_MUST_WORK") != nil {
    Issue.record("skipped: \(reason)")
  } else {
    print("skipped: \(reason)")
  }
}

/// Whether the long form of a test is wanted: `SNUG_LONG=1`.
package let wantsLongForm = getenv("SNUG_LONG") != nil
