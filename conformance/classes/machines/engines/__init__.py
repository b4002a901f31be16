"""What carries shards to machines, and brings back what they tell."""
