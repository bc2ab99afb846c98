"""One agent against given policies: chains, beliefs and decision processes."""
