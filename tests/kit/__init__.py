"""What tests share: places to check programs in, sample programs, classes and pages, and the other
side of conversations."""
