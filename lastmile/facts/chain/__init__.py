"""A chain of answers pasted from a chat (接龙): read line by line, matched to rows, nothing dropped in silence."""
