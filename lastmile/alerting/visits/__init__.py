"""The last households: what the phones have not reached becomes doors, and doors become answers.

rules      after how long, and whose doors
rounds     the due rows: list the doors, take them over by an update, close them with the warning
follow     a household that answers meanwhile leaves the list; a grid without open doors owes nothing more
listing    the doors of a grid in the order of the walk, and sums for the levels above
uncovered  who is in the area and in no list, and one click that puts them on one
entering   what was found at a door, once, however often it is sent; conflicts in words

Other rooms and packages meet this one by the signals of the room and by obligations of kind `alerting.visits`.
"""
