"""What a program takes and waits for, and how slow the machine is in itself."""
