"""Follow stolen money: statements in, a trace that a court can check out."""
