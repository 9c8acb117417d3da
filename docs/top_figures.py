"""The figures of docs/top.svg: made up, as a live screen is never the same twice."""

from volttools.monitor.figures import Figures, NodeFigures, ProcedureFigures
from volttools.monitor.screen import Show

_MS = 10**6
_HISTORY = [
    8200,
    8300,
    8100,
    8900,
    9400,
    10100,
    10800,
    11400,
    11900,
    12300,
    12500,
    12450,
    11800,
    11500,
    11900,
    12347,
]


def _node(host_id: int, p50_us: int, p99_us: int, calls_per_s: int) -> NodeFigures:
    return NodeFigures(
        host_id=host_id,
        name=f"db{host_id + 1}",
        rss_bytes=(3_050 + 21 * host_id) * 10**6,
        tuple_bytes=1_280 * 10**6,
        window_ms=5000,
        calls_per_s=calls_per_s,
        p50_ns=p50_us * 1000,
        p95_ns=p99_us * 400,
        p99_ns=p99_us * 1000,
        p999_ns=p99_us * 3000,
        max_ns=p99_us * 8000,
    )


def _procedure(
    name: str, calls_per_s: float, avg_us: float, max_ms: float, share: float, total: int,
    aborts: float = 0, failures: float = 0,
) -> ProcedureFigures:  # fmt: skip
    return ProcedureFigures(
        name=name,
        calls=total,
        calls_per_s=calls_per_s,
        avg_ns=round(avg_us * 1000),
        is_avg_of_interval=calls_per_s > 50,
        max_ns=round(max_ms * _MS),
        aborts=3,
        aborts_per_s=aborts,
        failures=0,
        failures_per_s=failures,
        share=share,
    )


SHOW = Show()
for _calls_per_s in _HISTORY:
    SHOW.take(
        Figures(
            address="db1:21212",
            version="11.4.0",
            uptime_s=1_046_523,
            interval_s=2.0,
            calls_per_s=_calls_per_s,
            nodes=[_node(0, 412, 3_120, 4118), _node(1, 398, 2_870, 4102), _node(2, 431, 9_640, 4127)],
            procedures=[
                _procedure("Vote", 11_412.5, 118, 22.1, 0.48, 4_912_733_001, aborts=4.5),
                _procedure("Results", 48.0, 14_200, 212, 0.24, 20_117_842),
                _procedure("Store", 874.5, 602, 48.3, 0.19, 371_044_112, failures=0.5),
                _procedure("@AdHoc_RO_MP", 4.0, 58_400, 1840, 0.08, 1_904_310),
                _procedure("PEOPLE.insert", 8.0, 96, 3.1, 0.01, 2_882_411),
            ],
        )
    )
