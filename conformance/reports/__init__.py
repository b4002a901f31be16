"""Reports: each is a function of a Run, made while it goes on or from its events, later."""
