"""Formats: what each layout looks like, how a sheet is recognised, and which rows are its own."""
