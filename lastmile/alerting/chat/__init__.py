"""Robots of chat groups (企业微信, 钉钉, 飞书): a card into each group of a place that a warning concerns.

They stand beside the ledger as followers do: no household is reached by a card, nobody is known to have read it. An
issue writes what is owed in its own transaction (owing), a duty of the workers for each app posts it (telling), in the
form its app documents (robots), written once for all of them (cards). See docs/adr/0040.
"""
