"""What is printed for a parcel, gathered from facts as they are; `documents` draws it."""
