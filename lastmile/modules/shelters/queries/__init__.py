"""What pages, the API and other parts of the room read."""
