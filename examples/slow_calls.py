"""The ten slowest calls of a capture, by procedure.

python examples/slow_calls.py captures/demo.pcap
"""

import heapq
import sys

import volttools

if len(sys.argv) < 2:
    sys.exit(__doc__)

with volttools.open(*sys.argv[1:]) as capture:
    timed = (exchange for exchange in capture if exchange.latency_ns is not None)
    slowest = heapq.nlargest(10, timed, key=lambda exchange: exchange.latency_ns or 0)

for exchange in slowest:
    print(f"{(exchange.latency_ns or 0) / 1e6:8.3f} ms  {exchange.procedure}  {exchange.client_handle}")
