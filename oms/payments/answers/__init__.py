"""What gateways answered, written down: nothing is asked here, and no answer counts twice."""
