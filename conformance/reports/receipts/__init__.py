"""Receipts: all that a verdict rests on in one file, and what can be checked of it later."""
