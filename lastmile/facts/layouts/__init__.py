"""A superior's own workbook: opened with care, mapped once, filled in from a request."""
