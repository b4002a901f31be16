"""How long the conversations with one submission may take. It stands by itself because options
name it, which are read before any lab is."""

BUDGET = 600.0
"""Seconds of conversation that one submission may take, summed over concurrent sessions: ten times
what a conforming server needs."""
