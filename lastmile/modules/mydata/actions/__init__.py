"""Prove who one is (proof), change one's own data (own), settle what the community must decide (settle)."""
