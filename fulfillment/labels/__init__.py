"""Labels for boxes: asked for, bought from the carrier that suits, kept, voided."""
