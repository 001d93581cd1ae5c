"""Deployments in a row (docs/adr/0030): the city above issues, the county below elsewhere passes on and reports.

pairing       a one-time code, the exchange of public keys, the source of warnings that is made below
wire          signatures on what goes between the two
writing       below: what has changed since the last receipt becomes the next one
sending       below: receipts go up in order, again and again until they are acknowledged
taking        above: verify, keep, add up, acknowledge
"""
