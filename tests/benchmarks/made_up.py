"""Figures that nobody measured."""

from benchmarks.figure import Figure, Side, Unit


def figure(name, value, unit=Unit.RATIO, *, spread=0.0, **others):
    """A row with that value; its repeats were so far from it."""
    others.setdefault("ratio", value if unit is Unit.RATIO else None)
    return Figure(
        name=name,
        unit=unit,
        value=value,
        lowest=value - spread,
        highest=value + spread,
        ours=Side(1e-3, 2e-3),
        **others,
    )
