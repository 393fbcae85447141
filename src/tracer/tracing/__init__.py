"""Transfers to a trace."""
