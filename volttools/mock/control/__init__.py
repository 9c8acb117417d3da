"""Control of a mock server over HTTP: JSON for programs in any language, and a page for people.

    routes     what can be asked for: one list, of which the paths, the checks and /openapi.json are made
    actions    what is done
    requests   what was asked, checked against its route
    listener   HTTP: Python's own server, a thread for each request
    answers    answers that were added so
    page       the page

docs/control.md tells users.
"""
