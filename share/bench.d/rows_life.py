"""Rows about what runs: memory, commands in an instance, the end, PID 1, the filter, and the other commands."""

import os
import subprocess

from background import Background
from contestants import BUBBLEWRAP, SNUG_BWRAP, SNUG_RUN, TRUE, USUAL, CannotMeasure
from figures import Must, Row, failed, skipped
from peers import crun, firejail
from rows_start import AHEAD

SNUG_EXEC = "snug exec"


def _with_tool(context, *words, die=False):
    """Contestants that run `inside` with these words."""
    bench = context.bench
    options, place = bench.seen_tools()
    command = [f"{place}/inside", *words]
    lifeline = ["--die-with-parent"] if die else []
    contestants = bench.all([*USUAL, *lifeline, *options], command)
    contestants[SNUG_RUN] = bench.run(command, ["--read", f"{bench.tools}:{place}"])
    return contestants


def memory(context):
    for count in [1, 10] if context.quick else [1, 10, 50]:
        name, title = f"memory-{count}", f"PSS of launcher and PID 1, {count} alive"
        row = Row(name, title, unit="bytes")
        for contestant, words in _with_tool(context, "pause", die=True).items():
            try:
                with Background([words] * count) as background:
                    row.samples[contestant] = background.supervisors()
            except PermissionError:
                row.notes.append(f"{contestant}: PID 1 lets nobody look: start share/bench as root")
            except (CannotMeasure, OSError) as error:
                row.state = "failed"
                row.notes.append(f"{contestant}: {error}")
        if count == 50:
            row.musts = [Must(SNUG_RUN, 216 * 1024), Must(SNUG_BWRAP, 216 * 1024)]
        if not row.samples:
            row.state = "failed"
        yield row


def execute(context):
    name, title = "exec", "a command in a running instance, against a start"
    bench = context.bench
    instance = f"bench-{os.getpid()}"
    words = [bench.snug, "run", "--detach", "--keep", "--name", instance, "-p", "default"]
    kept = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if kept.returncode != 0:
        yield failed(name, title, f"snug run --keep: {kept.stderr.strip()}")
        return
    try:
        contestants = {
            SNUG_RUN: bench.run([TRUE]),
            SNUG_EXEC: [bench.snug, "exec", instance, "--", TRUE],
        }
        wall, _, _ = context.runner.measure(contestants)
        yield Row(name, title, samples=wall, musts=[Must(SNUG_EXEC, 0.50, SNUG_RUN)])
    except CannotMeasure as error:
        yield failed(name, title, str(error))
    finally:
        subprocess.run([bench.snug, "stop", instance, "--now"], stdout=subprocess.DEVNULL, check=False)


def end(context):
    name, title = "end", "SIGTERM to the launcher until the app is gone"
    musts = [Must(SNUG_BWRAP, AHEAD, BUBBLEWRAP), Must(SNUG_RUN, AHEAD, BUBBLEWRAP)]
    try:
        wall, _, _ = context.runner.measure(_with_tool(context, "pause", die=True), how="signal")
        yield Row(name, title, samples=wall, musts=musts)
    except CannotMeasure as error:
        yield failed(name, title, str(error))


def reap(context):
    count = 2000 if context.quick else 20_000
    name, title = "reap", f"{count:,} orphans: death to reaped, each"
    musts = [Must(SNUG_BWRAP, AHEAD, BUBBLEWRAP), Must(SNUG_RUN, AHEAD, BUBBLEWRAP)]
    try:
        wall, _, _ = context.runner.measure(_with_tool(context, "orphans", str(count)), how="report", divide=20)
    except CannotMeasure as error:
        yield failed(name, title, str(error))
        return
    row = Row(name, title, samples=_each(wall, count), musts=musts)
    rates = [f"{contestant} {1e6 / row.median(contestant):.1f}k/s" for contestant in row.samples]
    row.notes.append(", ".join(rates))
    yield row


def _each(samples, count):
    return {name: [value / count for value in values] for name, values in samples.items()}


def filter_cost(context):
    name, title = "filter", "one getppid"
    bench, count = context.bench, 200_000 if context.quick else 1_000_000
    options, place = bench.seen_tools()
    command = [f"{place}/inside", "calls", str(count)]
    shown = ["--read", f"{bench.tools}:{place}"]
    bare = bench.file("bare.toml", 'version = 1\nextends = ["default"]\n[seccomp]\npreset = "none"\n')
    contestants = {
        "outside": [bench.tool("inside"), "calls", str(count)],
        BUBBLEWRAP: [bench.bubblewrap, *USUAL, *options, "--", *command],
        "snug run, no filter": bench.run(command, shown, bare),
        SNUG_RUN: bench.run(command, shown),
    }
    try:
        wall, _, _ = context.runner.measure(contestants, how="report", divide=5)
    except CannotMeasure as error:
        yield failed(name, title, str(error))
        return
    row = Row(name, title, samples=_each(wall, count))
    cost = row.median(SNUG_RUN) - row.median("snug run, no filter")
    row.notes.append(f"the filter of the preset desktop costs {cost:.0f} ns a call")
    yield row


def commands(context):
    for word in ["plan", "lint", "explain"]:
        name, title = f"cpu-{word}", f"snug {word} default, user and system CPU"
        try:
            _, cpu, _ = context.runner.measure({f"snug {word}": [context.bench.snug, word, "default"]})
            yield Row(name, title, samples=cpu)
        except CannotMeasure as error:
            yield failed(name, title, str(error))


def peers(context):
    """Others that make a box for an app. They do other work, or less: no must."""
    reference = context.bench.all(USUAL, [TRUE])
    for peer, words_of in [("firejail", firejail), ("crun", crun)]:
        name, title = f"peer-{peer}", f"start true, beside {peer}"
        try:
            words = words_of(context.bench)
            if words is None:
                yield skipped(name, title, f"{peer} is not installed")
                continue
            wall, _, _ = context.runner.measure({**reference, peer: words}, divide=4)
            row = Row(name, title, samples=wall)
            row.notes.append(f"{peer} does not do the same work")
            yield row
        except CannotMeasure as error:
            yield skipped(name, title, f"{peer} cannot be measured here: {error}")
