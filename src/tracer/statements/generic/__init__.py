"""Generic: a layout that nobody declared is read by what its headers and cells say."""
