"""Files: bytes of any kind become sheets of text cells, or are refused within limits."""
