"""Whether people get too many messages: how many each person got a month, by place, by sender and colour."""
