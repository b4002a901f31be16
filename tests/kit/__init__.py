"""What tests share: desks, rooms, classes, pages, and what stands for the other side."""
