"""Labels and departures: from the closed box to the carrier."""
