import Glibc
import SnugPlan
import Testing

@testable import SnugSandbox

@Suite struct DoctorJudgement {
  /// One machine and errno, and what must be said about them.
  struct UserNamespaceCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: Int32
    let facts: @Sendable (inout MachineFacts) -> Void
    let reason: String
    let remedy: String
  }

  static let userNamespaceCases = [
    UserNamespaceCase(
      testDescription: "Debian's switch", code: EPERM, facts: { $0.switches["kernel.unprivileged_userns_clone"] = 0 },
      reason: "kernel.unprivileged_userns_clone is 0", remedy: "sysctl -w kernel.unprivileged_userns_clone=1"),
    UserNamespaceCase(
      testDescription: "Ubuntu's AppArmor restriction", code: EACCES,
      facts: {
        $0.switches["kernel.apparmor_restrict_unprivileged_userns"] = 1
        $0.appArmorLabel = "unconfined"
      }, reason: "AppArmor gives unconfined programs no rights", remedy: "share/install --apparmor"),
    UserNamespaceCase(
      testDescription: "the same, with the profile installed but not holding", code: EACCES,
      facts: {
        $0.switches["kernel.apparmor_restrict_unprivileged_userns"] = 1
        $0.isAppArmorProfileInstalled = true
      }, reason: "AppArmor gives unconfined programs no rights", remedy: "apparmor_parser -r /etc/apparmor.d/snug"),
    UserNamespaceCase(
      testDescription: "both switches: the kernel looks at Debian's first", code: EPERM,
      facts: {
        $0.switches["kernel.unprivileged_userns_clone"] = 0
        $0.switches["kernel.apparmor_restrict_unprivileged_userns"] = 1
      }, reason: "kernel.unprivileged_userns_clone", remedy: "kernel.unprivileged_userns_clone=1"),
    UserNamespaceCase(
      testDescription: "a filter answers before every switch", code: EPERM,
      facts: {
        $0.isNamespaceFilter = true
        $0.container = .docker
        $0.switches["kernel.unprivileged_userns_clone"] = 0
      }, reason: "a seccomp filter", remedy: "docker run --security-opt seccomp=FILE"),
    UserNamespaceCase(
      testDescription: "a filter of podman", code: ENOSYS,
      facts: {
        $0.isNamespaceFilter = true
        $0.container = .podman
      }, reason: "a seccomp filter", remedy: "podman run --security-opt seccomp=FILE"),
    UserNamespaceCase(
      testDescription: "a filter of a systemd unit", code: EPERM, facts: { $0.isNamespaceFilter = true },
      reason: "a seccomp filter", remedy: "RestrictNamespaces="),
    UserNamespaceCase(
      testDescription: "flatpak", code: EPERM,
      facts: {
        $0.isNamespaceFilter = true
        $0.container = .flatpak
      }, reason: "a flatpak sandbox", remedy: "flatpak-spawn --host"),
    UserNamespaceCase(
      testDescription: "a filter that leaves namespaces alone is not blamed", code: EPERM,
      facts: {
        $0.isFiltered = true
        $0.switches["kernel.unprivileged_userns_clone"] = 0
      }, reason: "kernel.unprivileged_userns_clone", remedy: "sysctl"),
    UserNamespaceCase(
      testDescription: "docker's AppArmor profile", code: EACCES,
      facts: {
        $0.appArmorLabel = "docker-default (enforce)"
        $0.container = .docker
      }, reason: "AppArmor's profile docker-default (enforce)", remedy: "--security-opt apparmor="),
    UserNamespaceCase(
      testDescription: "another AppArmor profile, with Ubuntu's switch on", code: EACCES,
      facts: {
        $0.appArmorLabel = "firefox (enforce)"
        $0.switches["kernel.apparmor_restrict_unprivileged_userns"] = 1
      }, reason: "AppArmor's profile firefox (enforce)", remedy: "outside of it"),
    UserNamespaceCase(
      testDescription: "SELinux", code: EACCES, facts: { $0.isSELinuxEnforcing = true }, reason: "SELinux",
      remedy: "ausearch -m AVC"),
    UserNamespaceCase(
      testDescription: "chroot", code: EPERM, facts: { $0.rootIsMount = false }, reason: "chroot",
      remedy: "mount namespace"),
    UserNamespaceCase(
      testDescription: "nothing known", code: EPERM, facts: { _ in },
      reason: "a security module or an enclosing sandbox",
      remedy: "journalctl -k"),
    UserNamespaceCase(
      testDescription: "a privileged caller is not bound by Debian's switch", code: EPERM,
      facts: {
        $0.isPrivileged = true
        $0.switches["kernel.unprivileged_userns_clone"] = 0
      }, reason: "a security module or an enclosing sandbox", remedy: "journalctl"),
    UserNamespaceCase(
      testDescription: "limit of zero", code: ENOSPC, facts: { $0.switches["user.max_user_namespaces"] = 0 },
      reason: "user.max_user_namespaces is 0", remedy: "sysctl -w user.max_user_namespaces=15000"),
    UserNamespaceCase(
      testDescription: "limit of zero for another kind", code: ENOSPC,
      facts: {
        $0.switches["user.max_user_namespaces"] = 9
        $0.switches["user.max_net_namespaces"] = 0
      }, reason: "user.max_net_namespaces is 0", remedy: "sysctl -w user.max_net_namespaces"),
    UserNamespaceCase(
      testDescription: "limit used up", code: ENOSPC, facts: { $0.switches["user.max_user_namespaces"] = 100 },
      reason: "user.max_user_namespaces of 100 is used up", remedy: "lsns"),
    UserNamespaceCase(
      testDescription: "limit further out, or depth", code: ENOSPC,
      facts: {
        $0.inInitialUserNamespace = false
        $0.switches["user.max_user_namespaces"] = 100
      }, reason: "nested 32 deep", remedy: "outside"),
    UserNamespaceCase(
      testDescription: "not built in", code: EINVAL, facts: { _ in }, reason: "built without user namespaces",
      remedy: "CONFIG_USER_NS"),
    UserNamespaceCase(
      testDescription: "old kernel", code: ENOSYS, facts: { _ in }, reason: "lacks clone3", remedy: "5.12"),
    UserNamespaceCase(
      testDescription: "process limit", code: EAGAIN, facts: { _ in }, reason: "RLIMIT_NPROC", remedy: "ulimit -u"),
  ]

  @Test(arguments: userNamespaceCases)
  func userNamespaceRefusals(_ row: UserNamespaceCase) {
    var facts = MachineFacts()
    row.facts(&facts)
    let cause = userNamespaceCause(row.code, facts)
    #expect(cause.reason.contains(row.reason))
    #expect(cause.remedy?.contains(row.remedy) == true)
  }

  @Test func noRemedyIsWiderThanItsCause() {
    for row in Self.userNamespaceCases {
      var facts = MachineFacts()
      row.facts(&facts)
      let remedy = userNamespaceCause(row.code, facts).remedy ?? ""
      #expect(!remedy.contains("apparmor_restrict_unprivileged_userns=0"), "\(row.testDescription)")
      #expect(!remedy.hasPrefix("docker run --privileged") && !remedy.hasPrefix("podman run --privileged"))
    }
  }

  @Test func idMapsNameAppArmor() {
    var facts = MachineFacts()
    facts.switches["kernel.apparmor_restrict_unprivileged_userns"] = 1
    let judged = idMapsProbe.judge(.stopped(.uidMap, EACCES), facts)
    #expect(
      judged.detail == "uid_map: Permission denied: AppArmor gives unconfined programs no rights in user namespaces")
    #expect(judged.remedy?.contains("share/install --apparmor") == true)
  }

  @Test func nestingDepthAndLimitAreToldApart() {
    #expect(nestingCause(ENOSPC, 2, canHoldAsMany: { true })?.reason.contains("nearly 32 deep") == true)
    #expect(nestingCause(ENOSPC, 2, canHoldAsMany: { false })?.reason.contains("fewer than 2") == true)
    #expect(nestingCause(EPERM, 3, canHoldAsMany: { true })?.reason.contains("not nested ones") == true)
  }

  @Test func procInAContainer() {
    var facts = MachineFacts()
    facts.procMasks = ["/proc/kcore"]
    facts.container = .docker
    let docker = procProbe.judge(.stopped(.fsmount, EPERM), facts)
    #expect(docker.detail.contains("/proc/kcore"))
    #expect(docker.remedy?.contains("systempaths=unconfined") == true)
    facts.container = nil
    #expect(procProbe.judge(.stopped(.fsmount, EPERM), facts).remedy?.contains("procMount: Unmasked") == true)
    facts.procMasks = []
    #expect(!procProbe.judge(.stopped(.fsmount, EPERM), facts).detail.contains("mounts over"))
  }

  @Test func otherNamespacesNameTheirOwnLimit() {
    var facts = MachineFacts()
    facts.switches["user.max_net_namespaces"] = 0
    let judged = networkNamespaceProbe.judge(.stopped(.clone3, ENOSPC), facts)
    #expect(judged.detail.contains("user.max_net_namespaces is 0"))
    #expect(judged.remedy?.contains("sysctl -w user.max_net_namespaces") == true)
  }

  @Test(arguments: [
    ("5.12.0", true), ("5.11.22-generic", false), ("6.1.0-13-amd64", true), ("4.19", false), ("10.0-rc1", true),
    ("5.12-rc3", true), ("", false), ("linux", false),
  ])
  func kernelVersions(_ release: String, _ isNewEnough: Bool) {
    var facts = MachineFacts()
    facts.kernelRelease = release
    #expect(kernelVersionProbe.judge(.passed, facts).ok == isNewEnough)
  }

  @Test(arguments: [
    (7, true, "ABI 7, landlock.files, landlock.connect-tcp, landlock.scope"),
    (6, true, "ABI 6, landlock.files, landlock.connect-tcp, landlock.scope"),
    (5, false, "ABI 5, landlock.files, landlock.connect-tcp; not enforced: landlock.scope (ABI 6)"),
    (
      2, false,
      "ABI 2; not enforced: landlock.files (ABI 3), landlock.connect-tcp (ABI 4), landlock.scope (ABI 6)"
    ),
    (-Int(EOPNOTSUPP), false, "off at boot; not enforced: landlock.files, landlock.connect-tcp, landlock.scope"),
    (-Int(ENOSYS), false, "not in this kernel; not enforced: landlock.files, landlock.connect-tcp, landlock.scope"),
  ])
  func landlockKeys(_ abi: Int, _ ok: Bool, _ detail: String) {
    var facts = MachineFacts()
    facts.landlock = abi
    let judged = landlockProbe.judge(.passed, facts)
    #expect(judged.ok == ok)
    #expect(judged.detail == detail)
    #expect((judged.remedy == nil) == ok)
  }

  @Test(
    arguments: [
      (7, nil, 7), (7, "2", 2), (3, "9", 3), (7, "0", 0), (7, "-1", 7), (7, "x", 7), (-Int(ENOSYS), "4", -Int(ENOSYS)),
    ] as [(Int, String?, Int)])
  func landlockIsOnlyLowered(_ kernel: Int, _ limit: String?, _ expected: Int) {
    #expect(effectiveLandlockABI(kernel, limit: limit) == expected)
  }

  @Test func switchesBindOnlyOrdinaryUsers() {
    var facts = MachineFacts()
    facts.switches = ["kernel.apparmor_restrict_unprivileged_userns": 1, "user.max_user_namespaces": 9]
    // An ordinary user for whom the probes before passed has the profile.
    #expect(switchesProbe.judge(.passed, facts).ok)
    facts.isPrivileged = true
    let judged = switchesProbe.judge(.passed, facts)
    #expect(!judged.ok)
    #expect(judged.detail.contains("stops ordinary users"))
    #expect(judged.remedy?.contains("share/install --apparmor") == true)
    facts.switches = ["kernel.unprivileged_userns_clone": 0, "kernel.yama.ptrace_scope": 3]
    #expect(switchesProbe.judge(.passed, facts).remedy == "as root: sysctl -w kernel.unprivileged_userns_clone=1")
    facts.switches = ["kernel.yama.ptrace_scope": 3]
    #expect(switchesProbe.judge(.passed, facts).detail.contains("debuggers do not work inside"))
  }

  @Test func cgroups() {
    var facts = MachineFacts()
    #expect(!cgroupDelegationProbe.judge(.passed, facts).ok)
    facts.cgroup = MachineFacts.CgroupFacts(
      path: "/sys/fs/cgroup/x", isDelegated: true, controllers: ["memory", "pids"])
    #expect(cgroupDelegationProbe.judge(.passed, facts).detail.contains("lacks the controllers cpu"))
    facts.cgroup.controllers.append("cpu")
    #expect(cgroupDelegationProbe.judge(.passed, facts).ok)
    facts.groups.cgroupObstacles = [.memory: "the cgroup cannot pass its memory controller on"]
    #expect(cgroupDelegationProbe.judge(.passed, facts).detail.hasPrefix("the cgroup cannot pass its memory"))
    #expect(!cgroupDelegationProbe.judge(.passed, facts).ok)
    facts.cgroup.isDelegated = false
    #expect(cgroupDelegationProbe.judge(.passed, facts).remedy?.contains("Delegate=yes") == true)
    facts.groups.scopeObstacles = [:]
    #expect(cgroupDelegationProbe.judge(.passed, facts).ok, "systemd does it")
  }

  @Test func everyProbeJudgesEveryOutcome() {
    let outcomes: [ProbeOutcome] = [
      .timedOut, .died(signal: SIGSYS), .died(signal: 0), .stopped(.clone3, EPERM), .stopped(.fsopen, ENOSYS),
      .stopped(.unshare, ENOSPC), .stopped(.seccomp, EBUSY), .stopped(.landlockCreateRuleset, EPERM),
    ]
    for probe in doctorProbes {
      for outcome in outcomes { #expect(!probe.judge(outcome, MachineFacts()).detail.isEmpty, "\(probe.check)") }
    }
    #expect(ProbeCall.landlockCreateRuleset.name == "landlock_create_ruleset")
  }
}

@Suite struct DoctorFacts {
  private func facts(_ files: [String: String], writable: Set<String> = []) -> MachineFacts {
    machineFacts(read: { files[$0] }, exists: { files[$0] != nil }, isWritable: { writable.contains($0) })
  }

  @Test func distributionSwitches() {
    let ubuntu = facts([
      "/proc/sys/kernel/osrelease": "6.8.0-31-generic\n",
      "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
      "/proc/sys/kernel/unprivileged_userns_clone": "1\n", "/proc/sys/user/max_user_namespaces": "30000\n",
      "/proc/sys/kernel/yama/ptrace_scope": "1\n", "/proc/self/attr/apparmor/current": "unconfined\n",
      "/proc/self/status": "Name:\tsnug\nCapEff:\t0000000000000000\nSeccomp:\t0\n", "/etc/apparmor.d/snug": "",
    ])
    #expect(ubuntu.kernelRelease == "6.8.0-31-generic")
    #expect(
      ubuntu.switches == [
        "kernel.apparmor_restrict_unprivileged_userns": 1, "kernel.unprivileged_userns_clone": 1,
        "user.max_user_namespaces": 30000, "kernel.yama.ptrace_scope": 1,
      ])
    #expect(ubuntu.appArmorLabel == "unconfined" && ubuntu.isAppArmorProfileInstalled)
    #expect(!ubuntu.isPrivileged && !ubuntu.isFiltered && ubuntu.container == nil && !ubuntu.isSELinuxEnforcing)
  }

  @Test func containerWithMaskedProc() {
    let docker = facts([
      "/.dockerenv": "", "/proc/self/status": "CapEff:\t00000000a80425fb\nSeccomp:\t2\n",
      "/proc/self/mountinfo": """
      500 400 0:50 / / rw - overlay overlay rw
      501 500 0:51 / /proc rw - proc proc rw
      502 501 0:51 /sys /proc/sys ro - proc proc rw
      503 501 0:52 / /proc/kcore rw - tmpfs tmpfs rw
      504 501 0:53 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw
      """,
    ])
    #expect(docker.container == .docker)
    #expect(docker.procMasks == ["/proc/sys", "/proc/kcore"])
    #expect(docker.isFiltered && !docker.isPrivileged && docker.rootIsMount)
  }

  @Test func surroundings() {
    #expect(facts(["/.flatpak-info": ""]).container == .flatpak)
    #expect(facts(["/run/.containerenv": "", "/.dockerenv": ""]).container == .podman)
    #expect(facts(["/run/systemd/container": "lxc\n"]).container == .other("lxc"))
    #expect(facts(["/sys/fs/selinux/enforce": "1"]).isSELinuxEnforcing)
    #expect(!facts(["/sys/fs/selinux/enforce": "0"]).isSELinuxEnforcing)
    #expect(!facts(["/proc/self/mountinfo": "9 8 0:5 / /proc rw - proc proc rw\n"]).rootIsMount)
    #expect(facts(["/proc/self/status": "CapEff:\t000001ffffffffff\n"]).isPrivileged)
  }

  @Test func delegatedCgroup() {
    let path = "/sys/fs/cgroup/user.slice/u.service"
    let files = [
      "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
      "/proc/self/cgroup": "0::/user.slice/u.service\n",
      path + "/cgroup.controllers": "memory pids\n",
    ]
    let delegated = facts(files, writable: [path, path + "/cgroup.procs"]).cgroup
    #expect(
      delegated == MachineFacts.CgroupFacts(path: path, isDelegated: true, controllers: ["memory", "pids"]))
    #expect(!facts(files).cgroup.isDelegated)
    #expect(facts(["/proc/self/cgroup": "1:name=systemd:/\n"]).cgroup.path == nil)
  }
}

@Suite struct DoctorReport {
  static let checks = [
    DoctorCheck(check: "kernel", ok: true, detail: "Linux 6.1"),
    DoctorCheck(check: "proc", ok: false, detail: "a \"b\"\u{1b}[2J", remedy: "do\n\\x"),
    DoctorCheck(check: "overlay", ok: false, detail: "none", required: false),
  ]

  @Test func json() {
    #expect(
      doctorJSON(Self.checks) == """
        [
          {"check": "kernel", "ok": true, "detail": "Linux 6.1", "remedy": null},
          {"check": "proc", "ok": false, "detail": "a \\"b\\"\\u001b[2J", "remedy": "do\\n\\\\x"},
          {"check": "overlay", "ok": false, "detail": "none", "remedy": null}
        ]

        """)
    #expect(doctorJSON([]) == "[]\n")
  }

  @Test func text() {
    #expect(
      doctorText(Self.checks) == """
        ok    kernel   Linux 6.1
        FAIL  proc     a "b"\\x1b[2J
                remedy: do\\n\\x
        note  overlay  none

        """)
  }

  @Test func onlyWhatEveryStartNeedsCounts() {
    #expect(doctorExitStatus(Self.checks) == 1)
    #expect(doctorExitStatus(Self.checks.filter { $0.check != "proc" }) == 0)
  }

  @Test func oneCauseIsReportedOnce() {
    let failing = Probe(
      check: "a", required: true, judge: { _, _ in ProbeVerdict(ok: false, detail: "broken", remedy: "mend") })
    let dependent = Probe(
      check: "b", required: true, needs: ["a"], judge: { _, _ in ProbeVerdict(ok: true, detail: "") })
    let checks = runDoctor([failing, dependent], MachineFacts())
    #expect(checks.map(\.detail) == ["broken", "not tried: needs a"])
    #expect(checks.map(\.remedy) == ["mend", nil])
  }

  @Test func probesStandAfterWhatTheyNeed() {
    var seen: Set<String> = []
    for probe in doctorProbes {
      #expect(probe.needs.allSatisfy(seen.contains), "\(probe.check)")
      #expect(seen.insert(probe.check).inserted, "\(probe.check) twice")
    }
  }
}
