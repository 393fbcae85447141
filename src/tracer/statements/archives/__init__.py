"""Archives: the files in them are taken out within limits, wherever they say they belong."""
