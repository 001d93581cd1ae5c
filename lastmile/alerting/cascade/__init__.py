"""叫应: whoever must answer is called until they do, and silence climbs the tree by name.

Read it in this order: rules (how it climbs), opening (whom a warning concerns), tick (what is due moves), calling
(calls and messages go out), hearing (answers come back), board and evidence (what people see), actions (what they do).
"""
