"""Accounts of places at gateways and centres, and what they cost."""
