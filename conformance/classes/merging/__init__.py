"""Putting the parts of a class together that were graded apart from each other."""
