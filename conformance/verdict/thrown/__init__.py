"""What a program itself printed of an exception: read, placed in the student's own files, chosen.
Pure.

The text is hostile: whatever it holds, reading it takes time by its length, no more.
"""
