"""Neighbours who look after each other: cells of 5–10 households with a head and a deputy, and pairs of a vulnerable
resident with two neighbours. Nobody is head, deputy or helper without having agreed; agreement can be taken back.

actions     arrange households in cells (with undo), name helpers with their consent, take it back, pair
suggesting  balanced cells from the walk, always the same for the same doors
sheets      the same as a workbook, out and in
"""
