"""Reports of a class."""
