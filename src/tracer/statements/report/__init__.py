"""Report: what was loaded, what was set aside and what to do, for an investigator."""
