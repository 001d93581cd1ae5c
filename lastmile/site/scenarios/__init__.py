"""Two real events, played again on the engine as exercises: what it would have shown, minute by minute.

plans    the carried facts, each with source and how sure, and what is assumed about answers
cast     real places by national code, invented residents and posts, the site that is in no list
play     the timeline under a forwarded clock: issue, hand-over, calls, visits, climbing; the finished state stays
frames   what the pages' own functions say at each minute, kept where something changed
shown    both columns, side by side

It stands beside the demo in the top room: it may use every room, and no room knows of it.
Nobody acts here who is not on record or named as assumed: whoever was silent stays silent.
"""
