-- A message stays as it came: only the proposal it belongs to may change.
CREATE FUNCTION alerting_received_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'proposal_id' = to_jsonb(NEW) - 'proposal_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'message % stays as it came', OLD.identifier;
END $$;
CREATE TRIGGER received_guard BEFORE UPDATE OR DELETE ON alerting_received
    FOR EACH ROW EXECUTE FUNCTION alerting_received_guard();
