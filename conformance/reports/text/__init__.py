"""Words, colours and pages that all reports share."""
