"""One launch of one submission: it is started, watched, talked to and stopped."""
