"""One submission, from the request to the events of its run."""
