"""What is known of a class: the ledger, grades, deadlines, corrections."""
