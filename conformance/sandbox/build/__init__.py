"""A build: confined, watched, and with a door to the registries alone."""
