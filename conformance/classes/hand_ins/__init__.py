"""From a course site's export to one hand-in for each author and lab."""
