#!/usr/bin/env python3
"""Measures snug against bubblewrap and the floor, in alternation. share/bench sets everything up and starts this."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import plot
import privilege
import report
import rows_apps
import rows_life
import rows_start
from contestants import Bench
from driver import Runner

HERE = os.path.dirname(os.path.abspath(__file__))

# In the order of the table: what --row names, and what measures it. A row may come as several.
ROWS = {
    "start": rows_start.start,
    "start-network": rows_start.start_network,
    "start-profile": rows_start.start_profile,
    "binds": rows_start.binds,
    "host-mounts": rows_start.host_mounts,
    "alive": rows_start.alive,
    "memory": rows_life.memory,
    "exec": rows_life.execute,
    "end": rows_life.end,
    "reap": rows_life.reap,
    "filter": rows_life.filter_cost,
    "commands": rows_life.commands,
    "window": rows_apps.first_window,
    "peers": rows_life.peers,
}


# They open programs that are seldom installed all together, and take minutes: only where they are named.
ON_REQUEST = {"window"}


class Context:
    """What rows get; `growth` is what they leave for the picture."""

    def __init__(self, bench, runner, quick):
        self.bench, self.runner, self.quick = bench, runner, quick
        self.growth = {}


def arguments():
    parser = argparse.ArgumentParser(prog="share/bench", description=__doc__.split(". ")[0] + ".")
    parser.add_argument("--rounds", type=int, help="rounds of a cheap row (200; 20 with --quick)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and without the largest counts")
    parser.add_argument("--gap", type=int, default=0, help="microseconds of rest before each start (0)")
    parser.add_argument("--row", action="append", choices=list(ROWS), metavar="NAME", help=", ".join(ROWS))
    parser.add_argument("--json", action="store_true", help="for programs, on standard output")
    parser.add_argument("--svg", metavar="FILE", help="a picture of growth with binds and host mounts")
    snug = os.environ.get("SNUG_EXECUTABLE") or shutil.which("snug")
    parser.add_argument("--snug", default=snug, help="the executable")
    parser.add_argument("--bubblewrap", default="/usr/bin/bwrap", help="the yardstick (/usr/bin/bwrap)")
    parser.add_argument("--tools", help="where runner, floor and inside were built before")
    found = parser.parse_args()
    if found.rounds is None:
        found.rounds = 20 if found.quick else 200
    if found.rounds < 1 or found.gap < 0:
        parser.error("--rounds is 1 or more, --gap 0 or more")
    for program in (found.snug, found.bubblewrap):
        if not program or not os.access(program, os.X_OK):
            parser.error(f"cannot execute {program or 'snug'}")
    if os.geteuid() == 0:
        parser.error("contestants run as an ordinary user: start share/bench, which makes one")
    return found


def build(folder):
    """The C programs; static, so that they start alike everywhere and need nothing inside."""
    compiler = os.environ.get("CC", "cc")
    for name, sources in {"runner": ["runner.c"], "floor": ["floor.c", "check.c"], "inside": ["inside.c"]}.items():
        target = os.path.join(folder, name)
        files = [os.path.join(HERE, source) for source in sources]
        subprocess.run([compiler, "-O2", "-static", "-o", target, *files], check=True)
        os.chmod(target, 0o755)
    return folder


def measure(context, wanted):
    rows = []
    for name, make in ROWS.items():
        if (name not in wanted) if wanted else (name in ON_REQUEST):
            continue
        for row in make(context):
            print(f"bench: {row.name}: {row.state}", file=sys.stderr)
            rows.append(row)
    return rows


def run(options, work):
    tools = options.tools or build(os.path.join(work, "tools"))
    bench = Bench(options.snug, options.bubblewrap, tools, work)
    context = Context(bench, Runner(bench.tool("runner"), options.rounds, options.gap), options.quick)
    about = report.machine(bench, options.rounds, options.gap)
    rows = measure(context, options.row)
    if options.svg:
        picture = plot.draw(context.growth)
        if picture:
            with open(options.svg, "w", encoding="utf-8") as file:
                file.write(picture)
        else:
            print("bench: no picture: it takes two counts of binds or of host mounts", file=sys.stderr)
    if options.json:
        print(json.dumps(report.objects(rows, about), indent=1))
    else:
        print(", ".join(f"{key} {value}" for key, value in about.items()))
        print()
        print(report.table(rows))
    return 1 if any(row.state == "failed" for row in rows) else 0


def main():
    options = arguments()
    privilege.keep_to_ourselves()
    # An end by signal is an end like any other: nothing stays behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    with tempfile.TemporaryDirectory(prefix="snug-bench.") as work:
        os.mkdir(os.path.join(work, "tools"), 0o755)
        try:
            return run(options, work)
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
