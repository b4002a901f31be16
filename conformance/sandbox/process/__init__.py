"""A program on a host: how it is launched, kept together, read and ended."""
