"""Games that other libraries run: PettingZoo environments and OpenSpiel games."""
