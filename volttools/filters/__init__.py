"""Questions about events: `--where` expressions over what was decoded.

    text -> expression tree -> one Python closure -> yes or no for an event
            grammar            compiler

`filter` is the way in; `fields` has what can be asked, `docs/filters.md` what it means. `selection`
has the everyday questions beside it, which load nothing of the above.
"""
