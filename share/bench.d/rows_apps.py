"""Rows about programs with windows: how long until the first one shows."""

import mmap
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time

from contestants import SNUG_RUN, CannotMeasure
from figures import Must, Row, failed, skipped

UNBOXED = "unboxed"
PATIENCE = 60


class Screen:
    """An X server whose picture can be read."""

    def __init__(self, folder):
        ends = os.pipe()
        words = ["Xvfb", "-displayfd", str(ends[1]), "-ac", "-noreset", "-nolisten", "tcp"]
        self.server = subprocess.Popen(
            [*words, "-screen", "0", "1024x768x24", "-fbdir", folder],
            pass_fds=[ends[1]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(ends[1])
        with os.fdopen(ends[0]) as told:
            self.number = told.readline().strip()
        if not self.number:
            raise CannotMeasure("Xvfb does not start")
        with open(f"{folder}/Xvfb_screen0", "rb") as file:
            self.picture = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header = struct.unpack(">25I", self.picture[:100])
        self.start = header[0] + header[19] * 12
        self.end = self.start + header[5] * header[12]
        self.blank = self.picture[self.start : self.end]

    def is_blank(self):
        return self.picture[self.start : self.end] == self.blank

    def settle(self):
        """Waits until nothing changes, and takes that for blank: a program leaves its pointer behind."""
        while True:
            before = self.picture[self.start : self.end]
            time.sleep(0.2)
            if self.picture[self.start : self.end] == before:
                self.blank = before
                return

    def close(self):
        self.server.terminate()
        self.server.wait()


def _first_window(screen, words):
    """Nanoseconds until the screen is not blank any more; the program is ended then, with all that it has started."""
    environment = {**os.environ, "DISPLAY": f":{screen.number}", "NO_AT_BRIDGE": "1", "GTK_A11Y": "none"}
    for name in ("WAYLAND_DISPLAY", "XAUTHORITY"):
        environment.pop(name, None)
    environment["DBUS_SESSION_BUS_ADDRESS"] = "disabled:"
    began = time.monotonic_ns()
    program = subprocess.Popen(
        words, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while screen.is_blank():
            if program.poll() is not None:
                raise CannotMeasure(f"{words[0]} ended before it had a window")
            if time.monotonic_ns() - began > PATIENCE * 10**9:
                raise CannotMeasure(f"{words[0]} has no window after {PATIENCE} s")
            time.sleep(0.0005)
        return time.monotonic_ns() - began
    finally:
        # A sandbox ends with its launcher.
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        screen.settle()


def first_window(context):
    for program in ("mousepad", "firefox-esr"):
        profile = program.split("-")[0]
        name, title = f"window-{profile}", f"first window of {program}"
        missing = [tool for tool in ("Xvfb", program) if not shutil.which(tool)]
        if missing:
            yield skipped(name, title, f"not installed: {' '.join(missing)}")
            continue
        samples = {SNUG_RUN: [], UNBOXED: []}
        contestants = {SNUG_RUN: [context.bench.snug, "run", profile], UNBOXED: [program]}
        with tempfile.TemporaryDirectory() as folder:
            screen = None
            try:
                screen = Screen(folder)
                # The first start of each makes its directories.
                for count in range(max(3, context.runner.rounds // 20) + 1):
                    for contestant in (SNUG_RUN, UNBOXED) if count % 2 else (UNBOXED, SNUG_RUN):
                        took = _first_window(screen, contestants[contestant])
                        if count:
                            samples[contestant].append(took)
            except CannotMeasure as error:
                yield failed(name, title, str(error))
                continue
            finally:
                if screen:
                    screen.close()
        row = Row(name, title, samples=samples)
        # 5 % and 20 ms more.
        row.musts = [Must(SNUG_RUN, row.median(UNBOXED) * 1.05 + 20e6)]
        yield row
