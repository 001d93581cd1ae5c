"""When nothing works: sheets that are carried on paper, and what was written on them typed back later."""
