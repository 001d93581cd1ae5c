-- What was said under a number stays as it was said; it may be marked as acknowledged, and go once it was.
CREATE FUNCTION alerting_deployment_receipt_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'acked_at' = to_jsonb(NEW) - 'acked_at' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND OLD.acked_at IS NOT NULL THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'receipt % of link % stays as it was said', OLD.number, OLD.link_id;
END $$;
CREATE TRIGGER deployment_receipt_guard BEFORE UPDATE OR DELETE ON alerting_deploymentreceipt
    FOR EACH ROW EXECUTE FUNCTION alerting_deployment_receipt_guard();
