"""A run in the formats of platforms for CI."""
