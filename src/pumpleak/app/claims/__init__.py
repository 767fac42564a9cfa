"""What each claim of the tour is shown by: one module for a group of claims."""
