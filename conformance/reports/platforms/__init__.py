"""What platforms for grading read of a run, a module for each."""
