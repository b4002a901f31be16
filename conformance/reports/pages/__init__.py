"""Pages of HTML: each is one file, which works from disk and asks for nothing else."""
