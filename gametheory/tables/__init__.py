"""The tables under POSG and AECG: sparse rows, observation laws, checks at the door, and the walk through explored games."""
