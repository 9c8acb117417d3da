"""Locust replays what a capture has: `pip install 'volttools[locust]'`, then

    CAPTURE=captures/demo.pcap locust -f examples/locust/locustfile.py --headless -u 8 -r 8 --host db2:21212

and with `--processes 4`, or `--master` and `--worker` on several machines, the load of many.
"""

import os
import sys

from volttools.replay.locust import ReplayUser
from volttools.replay.safety import Nature
from volttools.replay.schedule import Order, Schedule


class Recorded(ReplayUser):
    """The calls of a capture.

    WRITES=1 makes those that write, too; MAP=ids.toml puts the server's own ids in the place of recorded ones;
    ORDER=causal thinks as the clients did, ORDER=none waits for no answer. A --host that is the recorded server is
    refused, unless `recorded_target = True` stands here.
    """

    capture = os.environ.get("CAPTURE") or sys.exit("set CAPTURE to the capture that is to be replayed")
    allowed = {Nature.WRITE} if os.environ.get("WRITES") else ()
    map_file = os.environ.get("MAP")
    schedule = Schedule(order=Order(os.environ.get("ORDER", "connection")))
