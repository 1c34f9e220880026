import CSnug
import Glibc

// What needs libdbus, which cannot be linked statically, in an executable of its own that `snug` starts where a profile
// asks for it:
//
//     snug-bus VERB WORDS... [--timeout SECONDS]
//
// Exit status 0: done; 1: one line on standard error says why not; 2: not a call that this version knows.

/// Another verb is another case.
func perform(_ verb: String, _ call: Call) throws(Failure) {
  switch verb {
  case "documents": try lendDocuments(call)
  case "notify": try notify(call)
  case "scope": try makeScope(call)
  case "accessibility": try tellAccessibilityBus(call)
  case "unboxed": try findUnboxed(call)
  default: throw .usage("snug-bus VERB WORDS...; verbs: accessibility, documents, notify, scope, unboxed")
  }
}

do throws(Failure) {
  // Whoever asked is gone: nobody waits for an answer.
  let setParentDeathSignal: Int32 = 1
  _ = csnug_prctl(setParentDeathSignal, UInt(SIGKILL), 0, 0, 0)
  let words = readArguments().dropFirst()
  let call = try Call(words.dropFirst())
  setDeadline(seconds: try call.number("timeout", in: 1...600) ?? 10)
  try perform(words.first ?? "", call)
} catch {
  say(error.text)
  exit(error.status)
}
