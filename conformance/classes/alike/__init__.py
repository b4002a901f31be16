"""Which hand-ins of a class are similar, by fingerprints of their tokens (winnowing).

For the teacher's eyes: it is no verdict, and gives no points. Two programs may be similar for many
reasons.
"""
