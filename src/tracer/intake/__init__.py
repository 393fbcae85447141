"""Intake: files are kept as evidence, read, and put into a case, whole or not at all."""
