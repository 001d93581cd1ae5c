"""预案区域: areas that plans name, and who in them is in no list, cell or pair and has nobody who would come.

Read it in this order: extent (where it lies), standing (who is uncovered there on a quiet day), assigning (one click
gives that to somebody), queries (which of them a warning touches), actions, sheets (workbook), views and api.
"""
