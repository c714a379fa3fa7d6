"""How the floor works through commands: read them together, plan each alone, move once."""
