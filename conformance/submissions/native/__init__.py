"""C and C++: sources, make, and programs that are built already."""
