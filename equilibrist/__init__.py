"""The command line of Equilibrist, and nothing else."""
