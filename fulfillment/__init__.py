"""The floor: fulfilment orders, picking, packing, labels, shipping and tracking."""
