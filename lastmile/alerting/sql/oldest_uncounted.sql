-- When the oldest answer that the fold has not counted was entered. By its key alone: in a storm of answers the inbox
-- is long, and receipts are entered in the order of their ids.
SELECT entered_at FROM alerting_receipt WHERE id = (SELECT min(receipt) FROM alerting_pendingreceipt)
