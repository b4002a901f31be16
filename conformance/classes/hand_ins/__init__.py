"""From what a platform exports to one hand-in for each author and lab."""
