"""What an order's money does when units are cancelled or wanted again, and when money comes in."""
