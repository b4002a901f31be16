"""From what was seen to what it is worth. Pure: no clock, socket, file or environment."""
