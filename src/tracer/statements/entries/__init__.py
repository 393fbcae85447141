"""Entries: cleaned rows become what moved between whom, and what the balances prove of it."""
