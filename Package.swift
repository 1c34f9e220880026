// swift-tools-version: 6.2
import PackageDescription

// Swift 6 language mode comes with the tools version. Strict memory safety is on where raw pointers meet the
// kernel: there every unsafe expression carries its mark.
let strict: [SwiftSetting] = [.strictMemorySafety()]
// What the proofs reach into (Tests/LiveTests/Proof): calls that fail when told to, layers that can be left out. A
// debug build has it, the release executables do not, which a test looks at.
let testBuild = "SNUG_TEST_BUILD"

let package = Package(
  name: "snug",
  products: [
    .executable(name: "snug", targets: ["snug"]),
    .executable(name: "snug-bus", targets: ["snug-bus"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(name: "CSnug", cSettings: [.define(testBuild, .when(configuration: .debug))]),
    // toml++ is used header-only: Debian ships no static library of it, and its pkg-config file asks for the shared one.
    .target(
      name: "CTOML",
      cxxSettings: [
        .define("TOML_HEADER_ONLY", to: "1"),
        .define("TOML_ENABLE_FORMATTERS", to: "0"),
      ]),
    .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(name: "CCap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
    .systemLibrary(name: "CDBus", pkgConfig: "dbus-1", providers: [.apt(["libdbus-1-dev"])]),

    .target(name: "SnugProfile", dependencies: ["CTOML"]),
    .target(name: "SnugPlan", dependencies: ["SnugProfile"]),
    .target(name: "SnugDesktop", dependencies: ["SnugPlan", "SnugProfile"]),
    .target(name: "SnugLint", dependencies: ["SnugPlan", "SnugProfile"]),
    // What the manual pages, the schema and the completions are made from. Tests write and compare them; no executable
    // carries it.
    .target(name: "SnugDocs", dependencies: ["SnugLint", "SnugPlan", "SnugProfile"]),
    .target(
      name: "SnugSandbox", dependencies: ["SnugPlan", "CSnug", "CSeccomp", "CCap"],
      cSettings: [.define("_GNU_SOURCE")],
      swiftSettings: strict + [.define(testBuild, .when(configuration: .debug))]),
    // What every start goes through. It compiles as Embedded Swift, too: share/lib.sh makes the installed `snug` of it,
    // which starts as fast as a C program and hands all other commands to the executable below.
    .target(name: "SnugStart", dependencies: ["SnugPlan", "SnugProfile", "SnugSandbox", "CSnug"]),
    .executableTarget(name: "snug-launcher", dependencies: ["SnugStart", "SnugSandbox", "CSnug"]),
    .executableTarget(
      name: "snug",
      dependencies: [
        "SnugStart",
        "SnugProfile", "SnugPlan", "SnugLint", "SnugDesktop", "SnugSandbox", "CSnug",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "snug-bus", dependencies: ["CDBus", "CSnug"], swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["SnugPlan", "SnugProfile"], path: "Tests/Support",
      cSettings: [.define("_GNU_SOURCE")]),
    // What fuzzers throw bytes at: see share/fuzz, which also builds the executable around libFuzzer.
    .target(
      name: "FuzzTargets",
      dependencies: ["SnugDesktop", "SnugPlan", "SnugProfile", "SnugSandbox", "SnugStart", "CSnug"],
      path: "Tests/Fuzz/Targets", cSettings: [.define("_GNU_SOURCE")]),
    .testTarget(name: "RepositoryTests"),
    .testTarget(name: "SnugProfileTests", dependencies: ["SnugProfile", "TestSupport"]),
    .testTarget(
      name: "SnugPlanTests", dependencies: ["SnugPlan", "SnugProfile", "TestSupport"], exclude: ["Golden"]),
    .testTarget(
      name: "SnugDesktopTests", dependencies: ["SnugDesktop", "SnugPlan", "SnugProfile", "TestSupport"]),
    .testTarget(
      name: "SnugLintTests", dependencies: ["SnugLint", "SnugPlan", "SnugProfile", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "SnugSandboxTests", dependencies: ["SnugSandbox", "SnugPlan", "CSnug", "CSeccomp", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "snug", "SnugStart", "SnugDesktop", "SnugDocs", "SnugProfile", "SnugSandbox", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(
      name: "LiveTests", dependencies: ["TestSupport", "FuzzTargets", "SnugPlan", "snug"],
      exclude: ["capture.zsh", "Golden"]),
  ],
  cxxLanguageStandard: .cxx17
)

// Only on demand: it links libFuzzer, which share/fuzz brings.
if Context.environment["SNUG_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(name: "snug-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver"))
}
