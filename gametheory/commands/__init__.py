"""The command line of this floor, and how answers are shown to people and programs."""
