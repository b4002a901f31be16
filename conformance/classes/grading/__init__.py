"""How a class is graded: what is to do, how long it takes, and doing it."""
