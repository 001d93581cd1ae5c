"""One workbook onboards a community: template, safe reading, checking cell by cell, and an import that repeats."""
