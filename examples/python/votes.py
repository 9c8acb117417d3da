"""A small application: it counts votes in VoltDB, and tells who leads.

VOLTTOOLS_HOST=db1 python votes.py 6175551212 3
"""

import sys

from volttools.client import Client, connect

VOTES_A_PHONE = 2
REFUSALS = {1: "there is no such contestant", 2: f"a phone has {VOTES_A_PHONE} votes"}


def vote(client: Client, phone: int, contestant: int) -> str | None:
    """Vote; gives the reason where the vote doesn't count."""
    return REFUSALS.get(client.call("Vote", phone, contestant, VOTES_A_PHONE).scalar())


def leader(client: Client) -> str | None:
    """The name of who has the most votes; None before the first vote."""
    rows = client.call("Results").dicts()
    return rows[0]["CONTESTANT_NAME"] if rows else None


if __name__ == "__main__":
    with connect() as client:
        print(vote(client, int(sys.argv[1]), int(sys.argv[2])) or f"counted; {leader(client)} leads")
