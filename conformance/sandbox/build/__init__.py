"""A build: confined, watched, and connected to the registries only."""
