"""Loudspeakers and screens in a warning: what each is to play, telling it until it has begun, and what it reported.

`opening` writes rows when a warning is issued, `hub` speaks with the broker, `sending` and `hearing` move the rows,
`owing` asks somebody to look at those that stay silent, `figures` shows them.
"""
