"""Taking in a folder or an archive: listed and judged before anything is made."""
