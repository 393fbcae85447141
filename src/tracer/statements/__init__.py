"""Files to entries and faults."""
