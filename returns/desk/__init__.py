"""How the returns desk works through commands: plan each alone, move units once, write."""
