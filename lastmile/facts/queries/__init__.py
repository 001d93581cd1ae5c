"""What pages, the API and other rooms read about facts."""
