"""Entries to accounts and transfers."""
