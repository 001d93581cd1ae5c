"""Channel choice as policy: keeping the rules, and what a warning's channels mean in people, money and time."""
