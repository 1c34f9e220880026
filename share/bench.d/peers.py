"""Others, when they are installed."""

import json
import os
import shutil

from contestants import TRUE


def firejail(_):
    found = shutil.which("firejail")
    if not found:
        return None
    options = ["--quiet", "--noprofile", "--private-dev", "--private-tmp", "--ipc-namespace", "--caps.drop=all"]
    return [found, *options, "--nonewprivs", TRUE]


def crun(bench):
    found = shutil.which("crun")
    if not found:
        return None
    bundle = os.path.join(bench.work, "bundle")
    for folder in ["usr", "proc", "dev", "tmp"]:
        os.makedirs(os.path.join(bundle, "rootfs", folder), exist_ok=True)
    for name in ["bin", "lib", "lib64"]:
        link = os.path.join(bundle, "rootfs", name)
        if not os.path.islink(link):
            os.symlink(f"usr/{name}", link)
    with open(os.path.join(bundle, "config.json"), "w", encoding="utf-8") as file:
        json.dump(_bundle(os.getuid(), os.getgid()), file)
    state = os.path.join(bench.work, "crun")
    return [found, "--cgroup-manager=disabled", "--root", state, "run", "--bundle", bundle, f"bench-{os.getpid()}"]


def _bundle(uid, gid):
    """The usual root and namespaces in the words of the OCI runtime specification. The user inside is 0."""
    usual = ["nosuid", "nodev"]
    return {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 0, "gid": 0},
            "args": [TRUE],
            "env": ["PATH=/usr/bin"],
            "cwd": "/",
            "noNewPrivileges": True,
        },
        "root": {"path": "rootfs", "readonly": True},
        "mounts": [
            {"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro", *usual]},
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
            {
                "destination": "/dev/pts",
                "type": "devpts",
                "source": "devpts",
                "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
            },
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": usual},
        ],
        "linux": {
            "uidMappings": [{"containerID": 0, "hostID": uid, "size": 1}],
            "gidMappings": [{"containerID": 0, "hostID": gid, "size": 1}],
            "namespaces": [{"type": name} for name in ["user", "mount", "pid", "ipc", "uts", "cgroup"]],
        },
    }
