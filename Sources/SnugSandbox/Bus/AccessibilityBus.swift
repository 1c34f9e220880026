import SnugPlan
import SnugProfile

/// Asks the caller's session bus where the accessibility bus is; that one is started where it can be.
///
/// Runs in the launcher, which waits for the answer.
///
/// - Throws: in one line why there is none.
public func askAccessibilityBus(for bus: FilteredBus) throws(Diagnostic) -> [UInt8] {
  func refuse(_ reason: String) -> Diagnostic {
    Diagnostic("cannot filter the accessibility bus: \(reason)", at: bus.origin)
  }
  do throws(BusHelperFailure) {
    return Array(try callBusHelper(["accessibility", "--timeout", "5"]).prefix { $0 != UInt8(ascii: "\n") })
  } catch {
    throw refuse(error.reason)
  }
}
