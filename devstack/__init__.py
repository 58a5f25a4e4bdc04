"""What makes a bare machine a working one: embedded servers, their keeper, the processes of Vibe."""
