-- public_epoch: one number that moves with whatever the public pages show. The web processes look at it once a second.
-- It is the moment in milliseconds, so that a database that was put back doesn't count the same numbers again.
-- At commit, and once for each transaction: the row's lock is held for the moment of the commit alone, so that two
-- officers who issue at the same time don't wait for each other, and no reader sees the number before what it is about.
CREATE FUNCTION alerting_public_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO alerting_publicepoch AS kept (id, number, moved_by)
  VALUES (1, extract(epoch FROM clock_timestamp()) * 1000, pg_current_xact_id()::text::bigint)
  ON CONFLICT (id) DO UPDATE SET number = greatest(kept.number + 1, excluded.number), moved_by = excluded.moved_by
   WHERE kept.moved_by <> excluded.moved_by;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER public_moved AFTER INSERT OR UPDATE OF closed_at ON alerting_alertevent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION alerting_public_moved();
CREATE CONSTRAINT TRIGGER public_moved AFTER UPDATE OF state ON alerting_alert
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
  EXECUTE FUNCTION alerting_public_moved();
CREATE CONSTRAINT TRIGGER public_moved AFTER INSERT OR UPDATE OR DELETE ON alerting_localnote
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION alerting_public_moved();
