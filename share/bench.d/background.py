"""Sandboxes that stay while something else is measured."""


import subprocess
import time

from contestants import CannotMeasure


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def below(pid):
    """A process and everything that descends from it; nothing where it is gone."""
    try:
        children = read(f"/proc/{pid}/task/{pid}/children")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(found for child in children.split() for found in below(int(child)))]


def lives(pid):
    """Whether there is such a process that is not yet a zombie."""
    try:
        return read(f"/proc/{pid}/stat").rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def pss(pid):
    """Bytes of a process, shared pages by halves and thirds. PermissionError where it lets nobody look."""
    for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise CannotMeasure(f"no PSS of process {pid}")


class Background:
    """Starts commands whose app is `inside pause`, waits until every app runs, ends them all."""

    def __init__(self, commands):
        self.commands, self.processes = commands, []

    def __enter__(self):
        try:
            for words in self.commands:
                self.processes.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE))
            for process in self.processes:
                if process.stdout.read(1) != b"r":
                    raise CannotMeasure(f"{process.args[0]} did not come up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        pids = [pid for process in self.processes if process.poll() is None for pid in below(process.pid)]
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
        # A launcher may be gone before its sandbox is, and that would be in the next figures. Bounded: it is no check.
        for _ in range(1000):
            if not any(map(lives, pids)):
                break
            time.sleep(0.01)

    def supervisors(self):
        """Per sandbox the bytes of all that is not the app: launcher and PID 1."""
        return [
            sum(pss(pid) for pid in below(process.pid) if read(f"/proc/{pid}/comm") != "inside\n")
            for process in self.processes
        ]

