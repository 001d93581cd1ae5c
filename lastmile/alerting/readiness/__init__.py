"""平时叫应体检: a test of who can be reached, by the engine that warns, in working hours, and marked as a test."""
