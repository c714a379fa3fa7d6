"""What carriers say about parcels, and what follows for the units inside."""
