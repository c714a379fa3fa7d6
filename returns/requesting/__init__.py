"""Before goods come back: asked for, decided, on their way."""
