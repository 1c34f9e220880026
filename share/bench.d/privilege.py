"""What share/bench lends when it was started as root.

The harness is an ordinary user's process. Two rows need more: mounts in a private namespace (CAP_SYS_ADMIN) and the
memory of processes that let nobody look (CAP_SYS_PTRACE). Both come as ambient capabilities. They are taken out of
what is inherited before anything is started, so that contestants have none, and given to the one child that makes the
mounts, which drops them before it starts a contestant.
"""

import ctypes

SYS_PTRACE, SYS_ADMIN = 19, 21
_PR_CAP_AMBIENT, _RAISE, _CLEAR_ALL = 47, 2, 4
_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Sets(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def _check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def _sets():
    header, sets = _Header(_VERSION_3, 0), (_Sets * 2)()
    _check(_libc.capget(ctypes.byref(header), sets), "capget")
    return header, sets


def _set_inheritable(bits):
    header, sets = _sets()
    sets[0].inheritable, sets[1].inheritable = bits, 0
    _check(_libc.capset(ctypes.byref(header), sets), "capset")


def has(capability):
    """Whether this process may use a capability."""
    return bool(_sets()[1][0].effective >> capability & 1)


def keep_to_ourselves():
    """From here on nothing that is started inherits a capability."""
    _check(_libc.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0), "clear ambient capabilities")
    _set_inheritable(0)


def lend_mounts():
    """In a child before its exec: lets it mount."""
    _set_inheritable(1 << SYS_ADMIN)
    _check(_libc.prctl(_PR_CAP_AMBIENT, _RAISE, SYS_ADMIN, 0, 0), "raise an ambient capability")
