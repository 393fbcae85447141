"""Where a case keeps its tables."""
