"""Reports: each renders a Run, while it goes on or later, from its events."""
