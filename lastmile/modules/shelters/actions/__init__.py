"""What changes shelters, orders and stays: one function per verb. The caller has the objects by permission."""
