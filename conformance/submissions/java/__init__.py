"""Java: sources, class files, Maven, and what a release lacks."""
