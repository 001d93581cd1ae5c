"""What residents see and do about their own data, without an account: proven by a code sent to their phone."""
