"""Medians, quartiles and paired ratios; what a row is."""

from dataclasses import dataclass, field


def quartiles(values):
    """(lower quartile, median, upper quartile) of a list that is not empty."""
    ordered = sorted(values)

    def at(part):
        place = part * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return at(0.25), at(0.5), at(0.75)


@dataclass
class Must:
    """What has to hold: a ratio of two contestants, or with no `to` a value of one, at most `limit`."""

    of: str
    limit: float
    to: str = None

    def text(self, unit):
        if self.to:
            return f"{self.of} / {self.to} <= {self.limit:.3g}"
        return f"{self.of} <= {amount(self.limit, unit)}"


@dataclass
class Row:
    """One line of the table. `samples`: contestant to values, one per round, paired by their place."""

    name: str
    title: str
    unit: str = "ns"
    samples: dict = field(default_factory=dict)
    musts: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    # "measured", "skipped" (something is not there, a note says what) or "failed"
    state: str = "measured"

    @property
    def rounds(self):
        return max((len(values) for values in self.samples.values()), default=0)

    def spread(self, contestant):
        return quartiles(self.samples[contestant])

    def median(self, contestant):
        return self.spread(contestant)[1]

    def ratio(self, of, to):
        """Quartiles of the ratios of each round: what drifts during a run is in both and falls away."""
        return quartiles([one / two for one, two in zip(self.samples[of], self.samples[to])])

    def measures(self, must):
        return must.of in self.samples and (must.to is None or must.to in self.samples)

    def value(self, must):
        return self.ratio(must.of, must.to)[1] if must.to else self.median(must.of)

    def holds(self):
        """Whether every must holds; None where there is none, or nothing was measured."""
        musts = [must for must in self.musts if self.measures(must)]
        if not musts or self.state != "measured":
            return None
        return all(self.value(must) <= must.limit for must in musts)


def skipped(name, title, reason):
    return Row(name, title, state="skipped", notes=[reason])


def failed(name, title, reason):
    return Row(name, title, state="failed", notes=[reason])


def amount(value, unit):
    """A value with the unit that suits its size."""
    if unit == "bytes":
        return f"{value / 1024:.0f} KiB"
    if value < 10_000:
        return f"{value:.0f} ns"
    if value < 10_000_000:
        return f"{value / 1000:.0f} us"
    return f"{value / 1_000_000:.1f} ms"
