"""Payment gateways: they claim, take and give back money, each in its own folder."""
