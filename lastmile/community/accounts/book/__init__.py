"""Log-ins from a workbook: read, checked by the rules of the single form, written all of it or nothing."""
