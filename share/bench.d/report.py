"""The table for people, and the same for programs."""

import os
import platform
import subprocess

from figures import amount

COLUMNS = ["row", "contestant", "median", "quartiles", "ratio", "quartiles", "rounds", "must", "holds"]
_WORDS = {True: "yes", False: "NO", None: ""}


def _lines_of(row):
    """One line per contestant; the ratios are those to the first one."""
    if not row.samples:
        return [[row.title, f"{row.state}: {'; '.join(row.notes)}"]]
    lines = []
    first = next(iter(row.samples))
    for contestant in row.samples:
        low, middle, high = row.spread(contestant)
        line = [row.title if contestant == first else "", contestant, amount(middle, row.unit)]
        line.append(f"{amount(low, row.unit)}..{amount(high, row.unit)}")
        if contestant == first:
            line += ["1", ""]
        else:
            down, ratio, up = row.ratio(contestant, first)
            line += [f"{ratio:.3f}", f"{down:.3f}..{up:.3f}"]
        line.append(str(len(row.samples[contestant])))
        musts = [must for must in row.musts if must.of == contestant]
        holds = all(row.value(must) <= must.limit for must in musts) if musts else None
        line += ["; ".join(must.text(row.unit) for must in musts), _WORDS[holds]]
        lines.append(line)
    return lines


def table(rows):
    """All rows; a measured one without its must is said so below the table."""
    lines = [COLUMNS]
    for row in rows:
        lines += _lines_of(row)
    widths = [0] * len(COLUMNS)
    for line in lines:
        if len(line) == len(COLUMNS):
            widths = [max(width, len(cell)) for width, cell in zip(widths, line)]
    text = []
    for line in lines:
        if len(line) != len(COLUMNS):
            text.append(f"{line[0].ljust(widths[0])}  {line[1]}")
        else:
            text.append("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    notes = [f"{row.title}: {note}" for row in rows if row.samples for note in row.notes]
    return "\n".join([*text, *([""] if notes else []), *notes])


def _tidy(values):
    return [round(value) for value in values]


def _musts_of(row):
    musts = []
    for must in row.musts:
        known = row.measures(must) and row.state == "measured"
        each = {"of": must.of, "to": must.to}
        if must.to:
            each |= {"at-most-permille": round(must.limit * 1000)}
            each |= {"permille": round(row.value(must) * 1000) if known else None}
        else:
            each |= {"at-most": round(must.limit), "value": round(row.value(must)) if known else None}
        musts.append(each | {"holds": row.value(must) <= must.limit if known else None})
    return musts


def _object(row):
    first = next(iter(row.samples), None)
    contestants = []
    for contestant, values in row.samples.items():
        low, middle, high = _tidy(row.spread(contestant))
        ratio = _tidy(1000 * value for value in row.ratio(contestant, first))
        contestants.append(
            {"name": contestant, "median": middle, "low": low, "high": high, "count": len(values)}
            | {"ratio-permille": ratio[1], "ratio-low-permille": ratio[0], "ratio-high-permille": ratio[2]}
        )
    return {
        "name": row.name,
        "title": row.title,
        "state": row.state,
        "unit": row.unit,
        "contestants": contestants,
        "musts": _musts_of(row),
        "holds": row.holds(),
        "notes": row.notes,
    }


def objects(rows, about):
    """What --json prints: whole numbers, in the unit that the row names; ratios in thousandths of the first."""
    return {"version": 1, "machine": about, "rows": [_object(row) for row in rows]}


def _said(*words):
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip().split("\n")[0]


def machine(bench, rounds, gap):
    """What the figures hold for."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = sum(1 for _ in file)
    return {
        "kernel": platform.release(),
        "processors": os.cpu_count(),
        "mounts": mounts,
        "user": os.getuid(),
        "snug": _said(bench.snug, "--version"),
        "bubblewrap": _said(bench.bubblewrap, "--version"),
        "rounds": rounds,
        "gap-us": gap,
        "load-permille": round(os.getloadavg()[0] * 1000),
    }
