"""Grading a class: which hand-ins are due, how long it takes, and doing it."""
