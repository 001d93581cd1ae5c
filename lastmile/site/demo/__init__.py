"""`make demo`: the main job on real input, from setting up a city to the last household. See `story`."""
