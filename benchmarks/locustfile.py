"""Locust's users for `replay`: each makes calls with the official client, and Locust counts and times them."""

from __future__ import annotations

import json
import time
from typing import Any

import voltdbclient
from locust import User, constant, events, task


class Voter(User):
    """One connection that calls without waiting between."""

    wait_time = constant(0)

    def on_start(self) -> None:
        """Connect."""
        host, _, port = (self.host or "").partition(":")
        serializer = voltdbclient.FastSerializer(host, int(port), False, "", "")
        self._vote = voltdbclient.VoltProcedure(serializer, "Vote", [6, 5, 9])
        self._number = 0

    @task
    def vote(self) -> None:
        """One call."""
        self._number += 1
        began = time.perf_counter()
        response = self._vote.call([self._number, 3, "NY"])
        self.environment.events.request.fire(
            request_type="call",
            name="Vote",
            response_time=(time.perf_counter() - began) * 1e3,
            response_length=0,
            response=response,
            exception=None,
            context={},
        )


_BEGAN: dict[str, float] = {}


@events.spawning_complete.add_listener
def _begin(**_: Any) -> None:
    _BEGAN.update(wall=time.perf_counter(), cpu=time.process_time())


@events.test_start.add_listener
def _start(environment: Any, **_: Any) -> None:
    environment.reset_stats = True  # what came before all users are there is not counted


@events.test_stopping.add_listener
def _end(environment: Any, **_: Any) -> None:
    found = {
        "calls": environment.stats.total.num_requests,
        "cpu_s": time.process_time() - _BEGAN["cpu"],
        "wall_s": time.perf_counter() - _BEGAN["wall"],
    }
    print(json.dumps(found), flush=True)
