"""What the suite says of itself: labs, selfcheck, health."""
