"""What a user meets: the command line, figures, the tour of claims and its report."""
