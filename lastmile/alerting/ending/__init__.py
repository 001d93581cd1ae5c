"""The end of a warning's data: what is destroyed (sources, destroying), the certificate of it, what is held back.

Why: docs/adr/0033-retention-and-certificates.md and 0036-the-retention-table.md.
"""
