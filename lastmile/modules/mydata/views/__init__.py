"""Pages of residents about themselves (me, change), and of the community that settles what they ask (proposals)."""
