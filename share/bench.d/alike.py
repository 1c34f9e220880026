"""Are the sandboxes that are compared the same? Asked from inside, before anything is measured."""

import os
import subprocess

from contestants import CannotMeasure

SPACES = ["user", "mnt", "pid", "ipc", "uts", "cgroup", "net"]
# Attributes of a mount that take something away from the app. noexec on device nodes, which have nothing to execute,
# and times of access are left out.
LIMITS = {"ro", "nosuid", "nodev"}


class Facts:
    """What `floor --check` said."""

    def __init__(self, text):
        self.namespaces, self.mounts, self.status, self.names = {}, {}, {}, set()
        self.processes = self.loopback = None
        for line in text.splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "namespace":
                name, value = rest.split()
                self.namespaces[name] = value
            elif kind == "mount":
                point, what, flags = rest.rsplit(" ", 2)
                self.mounts[point] = (what, frozenset(flags.split(",")) & LIMITS)
            elif kind == "status":
                key, _, value = rest.partition(":")
                self.status[key] = value.strip()
            elif kind == "name":
                self.names.add(rest)
            elif kind == "processes":
                self.processes = int(rest)
            elif kind == "loopback":
                self.loopback = rest


def look(words):
    """The facts of the sandbox that these words make; their command is `floor --check`."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise CannotMeasure(f"the check inside ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return Facts(done.stdout)


def faults(facts, network):
    """What is wrong with one sandbox by itself."""
    wrong = []
    for name in SPACES:
        own = facts.namespaces.get(name) != os.readlink(f"/proc/self/ns/{name}")
        if own != (name != "net" or network):
            wrong.append(f"the {name} namespace is {'its own' if own else 'the host' + chr(39) + 's'}")
    for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        if int(facts.status.get(key, "1"), 16) != 0:
            wrong.append(f"{key} is {facts.status.get(key)}")
    if facts.status.get("NoNewPrivs") != "1":
        wrong.append("no_new_privs is not set")
    if facts.status.get("Uid", "").split() != [str(os.getuid())] * 4:
        wrong.append(f"the user is {facts.status.get('Uid')}")
    if not 2 <= (facts.processes or 0) <= 3:
        wrong.append(f"{facts.processes} processes are to be seen")
    if network and facts.loopback != "up":
        wrong.append("the loopback is down")
    return wrong


def _named(limits):
    return ",".join(sorted(limits)) or "no limits"


def differences(facts, other, strict):
    """What two sandboxes do not have in common. Not `strict`: the first one may be tighter, and may have masks below
    /proc and /dev; text that one writes and the other binds is the same where it is read-only in both."""
    wrong = []
    for point in sorted(set(facts.mounts) | set(other.mounts)):
        one, two = facts.mounts.get(point), other.mounts.get(point)
        if two is None and not strict and point.startswith(("/proc/", "/dev/")):
            continue
        if one is None or two is None:
            wrong.append(f"{point} is mounted in one alone")
        elif one[0] != two[0] and (strict or "ro" not in one[1] & two[1]):
            wrong.append(f"{point} is {one[0]} against {two[0]}")
        elif not (one[1] == two[1] if strict else one[1] >= two[1]):
            wrong.append(f"{point} has {_named(one[1])} against {_named(two[1])}")
    if strict:
        wrong += [f"{name} is there in one alone" for name in sorted(facts.names ^ other.names)]
    return wrong


def check(sandboxes, network, lenient=()):
    """Raises where the sandboxes differ in substance. The others are held against the first; those named in `lenient`
    may be tighter. Returns how many mounts each of these has more."""
    first_name = first = None
    more = {}
    for name, words in sandboxes.items():
        facts = look(words)
        wrong = [f"{name}: {fault}" for fault in faults(facts, network)]
        if first is None:
            first_name, first = name, facts
        else:
            found = differences(facts, first, name not in lenient)
            wrong += [f"{name} against {first_name}: {fault}" for fault in found]
        if wrong:
            raise CannotMeasure("not the same sandbox: " + "; ".join(wrong[:6]))
        if name in lenient:
            more[name] = len(facts.mounts) - len(first.mounts)
    return more
