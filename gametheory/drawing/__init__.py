"""Pictures of games: payoff tables and state graphs."""
