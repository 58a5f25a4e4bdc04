"""A local Spotify over HTTP: people try Vibe with it, tests drive it, nothing leaves the machine."""
