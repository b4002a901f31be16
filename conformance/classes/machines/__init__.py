"""A class graded on several machines: its parts, and what comes back of them."""
