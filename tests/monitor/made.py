"""Figures made up for screens."""

from volttools.monitor.figures import ClientFigures, Figures, NodeFigures, ProcedureFigures, TableFigures

MS = 10**6


def calls(name, per_s, avg_ns=MS, *, kind=ProcedureFigures, **more):
    given = {
        "calls": 1_234_567, "calls_per_s": per_s, "avg_ns": avg_ns, "is_avg_of_interval": True, "max_ns": 30 * MS,
        "aborts": 5, "aborts_per_s": 0.0, "failures": 0, "failures_per_s": 0.0,
    }  # fmt: skip
    if kind is ProcedureFigures:
        given["share"] = 0.5
    return kind(name=name, **{**given, **more})


def node(host_id, p99_ns=3 * MS, **more):
    given = {
        "rss_bytes": 3 * 10**9, "tuple_bytes": 10**9, "index_bytes": 5, "window_ms": 5000, "calls_per_s": 120,
        "p50_ns": 400_000, "p95_ns": MS, "p99_ns": p99_ns, "p999_ns": 9 * MS, "max_ns": 22 * MS,
    }  # fmt: skip
    return NodeFigures(host_id=host_id, name=f"db{host_id}", **{**given, **more})


def size(name, rows, growth=0.0, *, replicated=False):
    return TableFigures(
        name=name, kind="PersistentTable", rows=rows, rows_per_s=growth, memory_bytes=rows * 10, partitions=3,
        is_replicated=replicated,
    )  # fmt: skip


def figures(**more):
    given = {
        "address": "db1:21212", "version": "11.4.0", "uptime_s": 90_061.0, "interval_s": 2.0, "calls_per_s": 1500.0,
        "nodes": [node(0), node(1, 9 * MS), node(2, None, p50_ns=None, calls_per_s=0)],
        "procedures": [
            calls("Vote", 1400.0, share=0.75),
            calls("@AdHoc_RO_MP", 4.0, 58 * MS, share=0.2, is_avg_of_interval=False),
            calls("Store", None, share=None, failures_per_s=2.5),
        ],
        "tables": [size("VOTES", 12_345, 50.5), size("CONTESTANTS", 6, replicated=True), size("OLD", 100, -3.0)],
        "clients": [calls("app", 30.0, kind=ClientFigures, host_id=1, connection_id=7)],
    }  # fmt: skip
    return Figures(**{**given, **more})
