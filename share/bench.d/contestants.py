"""The lists of operations, and who is given them."""

import json
import os
import subprocess

BUBBLEWRAP, SNUG_BWRAP, SNUG_RUN, FLOOR = "bubblewrap", "snug bwrap", "snug run", "floor"

SPACES = ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup"]
USUAL_ROOT = [
    *["--ro-bind", "/usr", "/usr"],
    *["--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"],
    *["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"],
]
# Six namespaces: these and the mount namespace, which is always there.
USUAL = SPACES + USUAL_ROOT
TRUE = "/usr/bin/true"


class CannotMeasure(Exception):
    """A contestant failed, or is not what it should be."""


class Bench:
    """The tools, the folder to work in, and how the contestants are started."""

    def __init__(self, snug, bubblewrap, tools, work):
        self.snug, self.bubblewrap, self.tools, self.work = snug, bubblewrap, tools, work
        self._nearest = None

    def tool(self, name):
        return os.path.join(self.tools, name)

    def all(self, arguments, command):
        """bubblewrap, snug bwrap and the floor, given literally the same words."""
        words = [*arguments, "--", *command]
        return {
            BUBBLEWRAP: [self.bubblewrap, *words],
            SNUG_BWRAP: [self.snug, "bwrap", *words],
            FLOOR: [self.tool("floor"), *words],
        }

    def run(self, command, options=(), profile="default"):
        """snug run in a profile."""
        return [self.snug, "run", *options, "-p", profile, "--", *command]

    def file(self, name, content):
        path = os.path.join(self.work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def folders(self, count):
        """`count` empty directories to bind; each bind as three words."""
        words = []
        for index in range(count):
            path = os.path.join(self.work, "many", str(index))
            os.makedirs(path, exist_ok=True)
            words += ["--ro-bind", path, f"/many/{index}"]
        return words

    def seen_tools(self):
        """The option of bubblewrap's that shows the tools inside, and the place."""
        return ["--ro-bind", self.tools, "/bench"], "/bench"

    def nearest(self):
        """The plan of the shipped profile `default` in bubblewrap's words: without filter, landlock and self-check."""
        if self._nearest is None:
            done = subprocess.run([self.snug, "plan", "default", "--json"], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise CannotMeasure(f"snug plan default: {done.stderr.strip()}")
            self._nearest = self._translated(json.loads(done.stdout))
        return self._nearest

    def _translated(self, plan):
        process = plan["process"]
        words = [*SPACES, "--unshare-net", "--die-with-parent", "--hostname", process["hostname"], "--clearenv"]
        for variable in plan["environment"]:
            words += ["--setenv", variable["name"], variable["value"]]
        for number, op in enumerate(plan["ops"]):
            words += self._op(number, op)
        return words + ["--chdir", process["working-directory"]]

    def _op(self, number, op):
        kind, target = op["op"], op["target"]
        if kind == "bind":
            return ["--ro-bind" if op["access"] == "read-only" else "--bind", op["host"], target]
        if kind == "tmpfs":
            size = ["--size", str(op["size"])] if op.get("size") else []
            return ["--perms", op["mode"], *size, "--tmpfs", target]
        if kind == "symlink":
            return ["--symlink", op["to"], target]
        if kind == "file":
            # bubblewrap takes content through a descriptor and copies it: a bind of a file of that size does less.
            return ["--ro-bind", self.file(f"content/{number}", "x" * op["length"]), target]
        if kind in ("proc", "dev"):
            return [f"--{kind}", target]
        if kind == "remount":
            return ["--remount-ro", target]
        raise CannotMeasure(f"the profile default has an op that is not translated: {kind}")
