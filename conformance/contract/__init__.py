"""What a lab asks for: its contract, its scenarios, and where labs are found."""
