"""Rows about how long a start takes."""

import math
import os

import alike
import privilege
from background import Background
from contestants import BUBBLEWRAP, FLOOR, SNUG_BWRAP, SNUG_RUN, TRUE, USUAL, CannotMeasure
from figures import Must, Row, failed, skipped

AHEAD = 1.0
PLAIN = "plain exec"


def _musts(limit, of=SNUG_BWRAP):
    return [Must(of, limit, BUBBLEWRAP)]


def _row(context, name, title, contestants, musts, **how):
    """Measures one row; a contestant that fails makes a row that says so."""
    try:
        wall, _, _ = context.runner.measure(contestants, **how)
    except CannotMeasure as error:
        return failed(name, title, str(error))
    return Row(name, title, samples=wall, musts=musts)


def _checked(context, name, title, arguments, network, musts, more=None, tighter=None, divide=1):
    """A row whose sandboxes are looked at from inside first.

    `more`: other contestants, whose sandbox is not compared. `tighter`: one that may only be tighter than the first, as
    (name, words to run, words to check).
    """
    bench = context.bench
    options, place = bench.seen_tools()
    # The tools first: the list may end with a root that is read-only.
    probes = bench.all([*options, *arguments], [f"{place}/floor", "--check"])
    runs = bench.all(arguments, [TRUE]) | (more or {})
    if tighter:
        runs[tighter[0]], probes[tighter[0]] = tighter[1:]
    try:
        masks = alike.check(probes, network, tighter[:1] if tighter else ())
    except CannotMeasure as error:
        return failed(name, title, str(error))
    row = _row(context, name, title, runs, musts, divide=divide)
    row.notes += [f"{contestant} has {count} mounts more, below /proc and /dev" for contestant, count in masks.items()]
    return row


def start(context):
    title = "start true: six namespaces, usual root"
    yield _checked(context, "start", title, USUAL, False, _musts(0.60), more={PLAIN: [TRUE]})


def start_network(context):
    title = "the same with a network namespace"
    yield _checked(context, "start-network", title, [*USUAL, "--unshare-net"], True, _musts(0.63))


def start_profile(context):
    name, title = "start-profile", "profile default: filter, landlock, self-check"
    bench = context.bench
    try:
        nearest = bench.nearest()
    except CannotMeasure as error:
        yield failed(name, title, str(error))
        return
    _, place = bench.seen_tools()
    probe = bench.run([f"{place}/floor", "--check"], ["--read", f"{bench.tools}:{place}"])
    snug = (SNUG_RUN, bench.run([TRUE]), probe)
    row = _checked(context, name, title, nearest, True, _musts(0.80, SNUG_RUN), tighter=snug)
    row.notes.append("the others: the nearest list, without filter, landlock and self-check")
    yield row


# bubblewrap takes 9,000 words at most, which is less than 3,000 binds.
BINDS = [(10, 1, AHEAD), (100, 1, AHEAD), (1000, 5, 0.03), (2900, 40, AHEAD)]


def binds(context):
    rows = []
    for count, divide, limit in BINDS:
        if context.quick and count > 1000:
            continue
        name, title = f"binds-{count}", f"{count:,} read-only binds"
        arguments = [*USUAL, *context.bench.folders(count)]
        row = _checked(context, name, title, arguments, False, _musts(limit), divide=divide)
        context.growth.setdefault("read-only binds", {})[count] = row
        rows.append(row)
        yield row
    yield _per_bind(rows)


def _per_bind(rows):
    """What one more bind costs between the two largest counts, and the exponent of growth."""
    name, title = "per-bind", "one more bind"
    measured = [row for row in rows if row.state == "measured"]
    if len(measured) < 3:
        return skipped(name, title, "takes three rows of binds")
    low, high = (int(row.name.split("-")[1]) for row in measured[-2:])
    row = Row(name, title)
    notes = []
    for contestant in measured[-1].samples:
        base, few, many = (each.median(contestant) for each in (measured[0], *measured[-2:]))
        row.samples[contestant] = [max(1.0, (many - few) / (high - low))]
        if few > base and many > base:
            exponent = math.log((many - base) / (few - base)) / math.log(high / low)
            notes.append(f"{contestant} {exponent:.2f}")
    # 15 us a bind: performance-baseline's goal.
    row.musts = [Must(SNUG_BWRAP, 15_000)]
    row.notes.append(f"from {low:,} to {high:,}; exponents: " + ", ".join(notes))
    return row


MOUNTS = [(23, 1, AHEAD), (125, 1, AHEAD), (1025, 5, 0.23)]


def host_mounts(context):
    for count, divide, limit in MOUNTS:
        name, title = f"host-mounts-{count}", f"{count:,} mounts on the host"
        if not privilege.has(privilege.SYS_ADMIN):
            yield skipped(name, title, "mounts take root: start share/bench as root")
            continue
        folder = os.path.join(context.bench.work, "mounts")
        os.makedirs(folder, exist_ok=True)
        contestants = context.bench.all(USUAL, [TRUE])
        try:
            wall, _, mounted = context.runner.measure(contestants, divide=divide, mounts=(count, folder))
        except CannotMeasure as error:
            yield failed(name, title, str(error))
            continue
        row = Row(name, title, samples=wall, musts=_musts(limit))
        if mounted != count:
            row.notes.append(f"there are {mounted:,} mounts here")
        context.growth.setdefault("mounts on the host", {})[mounted] = row
        yield row


def alive(context):
    bench = context.bench
    options, place = bench.seen_tools()
    idle = bench.all([*USUAL, "--die-with-parent", *options], [f"{place}/inside", "pause"])[FLOOR]
    runs = bench.all(USUAL, [TRUE])
    runs[SNUG_RUN] = bench.run([TRUE])
    for count in [1, 10] if context.quick else [1, 10, 50]:
        name, title = f"alive-{count}", f"start, {count} alive already"
        try:
            with Background([idle] * count):
                yield _row(context, name, title, runs, _musts(AHEAD), divide=2)
        except CannotMeasure as error:
            yield failed(name, title, str(error))
