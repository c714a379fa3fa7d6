"""Coming in and going out: sign-in, sign-out, and one's own account."""
