"""report.html (stub)."""
def report(taken): return ""
