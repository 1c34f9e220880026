"""Drives the runner: python has no part in what is timed."""

import subprocess

import privilege
from contestants import CannotMeasure


class Runner:
    """`rounds` for a cheap row, `gap` in microseconds."""

    def __init__(self, path, rounds, gap):
        self.path, self.rounds, self.gap = path, rounds, gap

    def measure(self, contestants, how="start", divide=1, mounts=None):
        """Values of each contestant, one per round, as (nanoseconds, CPU nanoseconds), and the count of mounts.

        `divide`: a row whose single start takes long gets that many times fewer rounds. `mounts`: (count, folder).
        """
        rounds = max(1, self.rounds // divide)
        spec = b"".join(
            b"\0".join([str(len(words)).encode(), *map(str.encode, words)]) + b"\0" for words in contestants.values()
        )
        words = [self.path]
        if mounts:
            words += ["--mounts", str(mounts[0]), mounts[1]]
        done = subprocess.run(
            [*words, how, str(rounds), str(self.gap)],
            input=spec,
            capture_output=True,
            check=False,
            preexec_fn=privilege.lend_mounts if mounts else None,
        )
        names = list(contestants)
        if done.returncode != 0:
            raise CannotMeasure(self._complaint(done.stderr.decode(errors="replace"), names))
        wall, cpu = {name: [] for name in names}, {name: [] for name in names}
        mounted = None
        for line in done.stdout.decode().splitlines():
            first, *rest = line.split()
            if first == "mounts":
                mounted = int(rest[0])
                continue
            wall[names[int(first)]].append(int(rest[0]))
            cpu[names[int(first)]].append(int(rest[1]) * 1000)
        return wall, cpu, mounted

    @staticmethod
    def _complaint(text, names):
        for index, name in enumerate(names):
            text = text.replace(f"contestant {index} ", f"{name} ").replace(f"contestant {index}:", f"{name}:")
        return " | ".join(text.split("\n")[-4:]).strip(" |")
