"""Orders: intake, the states of every unit, holds, change-sets, cancels, quarantine."""
