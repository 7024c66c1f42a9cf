"""Take in what checks said, with the two derived tables that add it up: by post, and of controls by run."""

from __future__ import annotations

from spillover.derived import controls_sql, watch_sql

# what a check says of an account holds for all posts that are held of it
CHECKS = """
    SELECT DISTINCT ON (post_key, checked_at, vantage) * FROM (
        SELECT * EXCLUDE (seg) FROM in_availability
        UNION ALL BY NAME
        SELECT c.post_key, a.* EXCLUDE (campaign_id, author, seg) FROM in_account a
        JOIN (SELECT post_key, campaign_id, author FROM held.post_campaign UNION SELECT post_key, campaign_id, author FROM t_pc) c
          ON c.campaign_id = a.campaign_id AND c.author = a.author
    ) i
    WHERE NOT EXISTS (FROM held.availability a WHERE a.post_key = i.post_key AND a.checked_at = i.checked_at AND a.vantage = i.vantage)
      AND (EXISTS (FROM held.post p WHERE p.post_key = i.post_key) OR EXISTS (FROM t_post p WHERE p.post_key = i.post_key))"""
# posts whose checks must be booked anew on their runs: another role, or a check that came late
AGAIN = """
    SELECT DISTINCT post_key FROM held.watch SEMI JOIN (
        SELECT post_key FROM t_pc WHERE changed
        UNION ALL SELECT c.post_key FROM t_check c JOIN held.watch w USING (post_key)
                  WHERE c.vantage <> 'archive' AND c.checked_at <= w.last_checked_at
    ) USING (post_key)"""
_OF_AGAIN = "(SELECT * FROM held.availability SEMI JOIN t_recheck USING (post_key))"
FEWER = controls_sql(_OF_AGAIN, sign=-1)  # before posts get their new roles
# of other posts the last check that was held stands before those that came
_NEWS = """(
    SELECT post_key, checked_at, run_id, vantage, status, basis, true AS came FROM t_check ANTI JOIN t_recheck USING (post_key)
    UNION ALL SELECT post_key, last_checked_at, '', '', last_status, '', false FROM held.watch SEMI JOIN t_check USING (post_key))"""
MORE = f"""
    FROM t_fewer UNION ALL ({controls_sql(_OF_AGAIN)}) UNION ALL ({controls_sql(_NEWS, counted="came")})"""
WATCH = f"""
    SELECT n.post_key, n.checks + coalesce(w.checks, 0) AS checks, n.unread + coalesce(w.unread, 0) AS unread,
           least(n.first_up_at, w.first_up_at) AS first_up_at, greatest(n.last_up_at, w.last_up_at) AS last_up_at,
           greatest(n.last_checked_at, w.last_checked_at) AS last_checked_at,
           CASE WHEN w.post_key IS NULL OR (n.last_checked_at, n.last_status) > (w.last_checked_at, w.last_status)
                THEN n.last_status ELSE w.last_status END AS last_status
    FROM ({watch_sql("t_check")}) n LEFT JOIN held.watch w USING (post_key)"""
