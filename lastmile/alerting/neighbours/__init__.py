"""Neighbours before the door: heads of cells and pairs are asked about the doors that the phones have left.

rules      how long after issue, and how long silence may last
rounds     the due rows: heads, deputies, neighbouring heads; an update takes over, the all-clear thanks
entering   what a neighbour says of a door: a receipt of everybody who lives there
sms        the same by digits, and a question where they are not clear
listing    how the cells of a place stand
"""
