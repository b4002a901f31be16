"""The results of a class: ledger, grades, deadlines, corrections."""
