-- Alerts
-- Every message of the outbox, newest first: where it goes, whether it arrived, and what went wrong.
SELECT
    messages.created_at,
    messages.summary,
    messages.state,
    messages.target_id AS target,
    messages.route_id AS route,
    (SELECT count(*) FROM attempts WHERE message_id = messages.id) AS attempts,
    (SELECT status_code FROM attempts WHERE message_id = messages.id ORDER BY id DESC LIMIT 1) AS answer,
    (SELECT error FROM attempts WHERE message_id = messages.id ORDER BY id DESC LIMIT 1) AS error,
    messages.next_attempt_at,
    messages.url,
    (SELECT json_group_array(change_id) FROM alerts WHERE message_id = messages.id) AS changes,
    messages.id AS message_id
FROM messages
