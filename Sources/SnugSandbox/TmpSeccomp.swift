import SnugPlan
import SnugProfile
public struct SeccompError: Error { public var diagnostic: Diagnostic }
public struct FilterProgram { public var instructions: [UInt64] }
public func assembleFilter(_ p: SeccompPolicy) throws(SeccompError) -> FilterProgram? { nil }
public func describeFilter(_ p: SeccompPolicy) -> String { "" }
