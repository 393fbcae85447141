"""The tracing rules, one file each, all of one signature."""
