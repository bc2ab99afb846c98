"""Laws of play: trajectories, machines that emit them, and the ways to compare them."""
