"""A class: who is in it, what they handed in, and what it is worth."""
