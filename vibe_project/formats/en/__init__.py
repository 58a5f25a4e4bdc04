"""The formats of the one language that the console speaks."""
