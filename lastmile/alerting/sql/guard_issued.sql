-- An issued warning is never edited: the database itself refuses it, whoever writes.
CREATE FUNCTION alerting_alert_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moves text[] := ARRAY['state', 'version', 'issued_at', 'issued_by_id', 'closed_at', 'changed_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'warnings are discarded, never deleted';
    END IF;
    IF NEW.state = 'issued' AND OLD.state <> 'issued' THEN
        moves := moves || ARRAY['urgent'];
    END IF;
    IF OLD.state NOT IN ('draft', 'returned') AND to_jsonb(OLD) - moves IS DISTINCT FROM to_jsonb(NEW) - moves THEN
        RAISE EXCEPTION 'warning % is %: its content can''t be edited', OLD.code, OLD.state;
    END IF;
    IF OLD.issued_at IS NOT NULL AND (NEW.issued_at, NEW.issued_by_id) IS DISTINCT FROM (OLD.issued_at, OLD.issued_by_id) THEN
        RAISE EXCEPTION 'warning % has been issued: when and by whom stays', OLD.code;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER alert_guard BEFORE UPDATE OR DELETE ON alerting_alert
    FOR EACH ROW EXECUTE FUNCTION alerting_alert_guard();

CREATE FUNCTION alerting_frozen_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'closed_at' = to_jsonb(NEW) - 'closed_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'event % is frozen', OLD.identifier;
END $$;
CREATE TRIGGER frozen_guard BEFORE UPDATE OR DELETE ON alerting_alertevent
    FOR EACH ROW EXECUTE FUNCTION alerting_frozen_guard();

CREATE FUNCTION alerting_review_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'reviews are appended, never changed';
END $$;
CREATE TRIGGER review_guard BEFORE UPDATE OR DELETE ON alerting_review
    FOR EACH ROW EXECUTE FUNCTION alerting_review_guard();
