"""The only writers of this room: one function for each verb."""
