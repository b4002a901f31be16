"""The search for a conversation that breaks the contract: `machine` draws conversations, `player`
holds them, `searching` looks for the shortest, `confirming` shows it again."""
