"""Where a program stood when it was waited for in vain: each thread's state, the client that it
waits for, and the line of the student's own files."""
