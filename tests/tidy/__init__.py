"""Rules of the house that a machine can keep. Each failure says how to mend it."""
