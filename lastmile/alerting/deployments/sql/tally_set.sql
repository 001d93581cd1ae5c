-- Every figure as it is now. A part of say_places.sql and take_places.sql.
    people = excluded.people, told = excluded.told, delivered = excluded.delivered, failed = excluded.failed,
    opened = excluded.opened, confirmed = excluded.confirmed, safe = excluded.safe, moved = excluded.moved,
    needs_help = excluded.needs_help, refused = excluded.refused, absent = excluded.absent,
    unreachable = excluded.unreachable, doors = excluded.doors, doors_told = excluded.doors_told,
    doors_delivered = excluded.doors_delivered, doors_confirmed = excluded.doors_confirmed
