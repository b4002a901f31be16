"""A course site's gradebook, exported by the teacher, filled with the grades of a class."""
