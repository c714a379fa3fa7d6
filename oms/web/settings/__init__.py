"""Settings: locations, what channels may sell, people, and how routing counts."""
