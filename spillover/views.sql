-- The public views: what `spillover sql`, notebooks and analyses read. Made again whenever a workspace is opened.

CREATE OR REPLACE VIEW campaigns AS
SELECT c.name, c.state, c.live, arg_max(v.title, v.version) AS title, max(v.version) AS version, c.added_at
FROM held.campaign c JOIN held.campaign_version v USING (campaign_id) GROUP BY ALL;

CREATE OR REPLACE VIEW posts AS -- one row a post and campaign
SELECT k.name AS campaign, p.platform, p.id, p.url, p.kind, p.title, p.text, lower(hex(c.author)) AS author, c.publisher,
       p.published_at, p.published_precision, p.lang, p.region, p.region_basis, p.duration_s, p.hashtags, p.links,
       m.role, m.kind AS match_kind, m.term AS match_term, m.confidence, m.verdict, m.band,
       p.policy, p.first_seen_at, p.last_seen_at, p.post_key
FROM held.post p
JOIN held.post_campaign c USING (post_key)
JOIN held.member m ON m.post_key = c.post_key AND m.campaign_id = c.campaign_id
JOIN held.campaign k ON k.campaign_id = c.campaign_id;

CREATE OR REPLACE VIEW observations AS
SELECT p.platform, p.id, o.observed_at, o.views, o.views_low, o.views_high, o.likes, o.likes_low, o.likes_high,
       o.shares, o.shares_low, o.shares_high, o.comments, o.comments_low, o.comments_high, o.run_id, o.post_key
FROM held.observation o JOIN held.post p USING (post_key);

CREATE OR REPLACE VIEW availability AS
SELECT p.platform, p.id, a.checked_at, a.status, a.cause, a.basis, a.allowed_in, a.blocked_in, a.vantage,
       a.said, a.evidence, a.run_id, a.post_key
FROM held.availability a JOIN held.post p USING (post_key);

CREATE OR REPLACE VIEW listings AS
SELECT l.list, l.region, l.rank, l.observed_at, p.platform, p.id, l.run_id, l.post_key
FROM held.listing l JOIN held.post p USING (post_key);

CREATE OR REPLACE VIEW matches AS
SELECT k.name AS campaign, p.platform, p.id, m.version, m.kind, m.term, m.confidence, m.video, m.matched_at, m.post_key
FROM held.match m JOIN held.post p USING (post_key) JOIN held.campaign k USING (campaign_id);

CREATE OR REPLACE VIEW reviews AS
SELECT k.name AS campaign, p.platform, p.id, r.verdict, r.note, r.reviewed_at, r.post_key
FROM held.review r JOIN held.post p USING (post_key) JOIN held.campaign k USING (campaign_id);

CREATE OR REPLACE VIEW runs AS
SELECT r.* EXCLUDE (seq, campaign_id), k.name AS campaign
FROM held.run r LEFT JOIN held.campaign k USING (campaign_id)
QUALIFY row_number() OVER (PARTITION BY r.run_id ORDER BY r.seq DESC) = 1;

CREATE OR REPLACE VIEW latest AS
SELECT p.platform, p.id, l.* FROM held.post_latest l JOIN held.post p USING (post_key);

CREATE OR REPLACE VIEW reach_hourly AS
SELECT h.hour, k.name AS campaign, h.platform, h.region, h.lang, h.band,
       sum(h.views)::BIGINT AS views, sum(h.increments)::BIGINT AS increments
FROM held.reach_hourly h JOIN held.campaign k USING (campaign_id) GROUP BY ALL
HAVING sum(h.views) <> 0 OR sum(h.increments) <> 0;

CREATE OR REPLACE VIEW edges AS
SELECT e.relation, e.seen_at, e.post_key, e.parent_key, c.platform, c.id, p.platform AS parent_platform, p.id AS parent_id
FROM held.edge e JOIN held.post c USING (post_key) LEFT JOIN held.post p ON p.post_key = e.parent_key;

CREATE OR REPLACE VIEW controls AS
SELECT k.name AS campaign, p.platform, p.id, q.id AS control_id, c.agrees, c.post_key, c.control_key
FROM held.control c JOIN held.campaign k USING (campaign_id) JOIN held.post p USING (post_key)
JOIN held.post q ON q.post_key = c.control_key;

CREATE OR REPLACE VIEW measures AS
SELECT k.name AS campaign, m.collector, m.series, m.subject, m.unit, m.region, m.lang, m.since, m.until, m.value, m.read_at, m.run_id
FROM held.measure m JOIN held.campaign k USING (campaign_id)
QUALIFY row_number() OVER (PARTITION BY m.campaign_id, m.collector, m.series, m.subject, m.region, m.lang, m.since, m.until
                           ORDER BY m.read_at DESC, m.run_id DESC) = 1;

CREATE OR REPLACE VIEW alerts AS
SELECT k.name AS campaign, a.kind, a.keys, a.since, a.title, a.text, a.rests_on, a.raised_at, a.told_by, a.event_key
FROM held.alert a JOIN held.campaign k USING (campaign_id);

CREATE OR REPLACE VIEW deliveries AS -- what came of each event and target so far
SELECT event_key, target, max(attempt) AS attempts, arg_max(outcome, (attempt, outcome <> 'sending')) AS outcome,
       arg_max_null(reason, (attempt, outcome <> 'sending')) AS reason, max(at_) AS last_attempt_at,
       arg_max_null(retry_at, (attempt, outcome <> 'sending')) AS retry_at
FROM held.delivery GROUP BY event_key, target;

-- How each post stands. What is stated or inferred is believed at once. Absence is believed after two readings at least ten
-- minutes apart, in runs that found a control up and did not break; until then it is unconfirmed.
CREATE OR REPLACE VIEW statuses AS
WITH ended AS (
    SELECT run_id, arg_max(outcome, seq) AS outcome FROM held.run GROUP BY run_id
), checks AS (
    SELECT a.*, coalesce(r.outcome = 'broken', false) AS doubtful
    FROM held.availability a LEFT JOIN ended r USING (run_id) WHERE a.vantage <> 'archive'
), sound AS ( -- runs that found a control up
    SELECT DISTINCT checks.run_id FROM checks JOIN held.post_campaign c USING (post_key) WHERE c.role = 'control' AND checks.status = 'up'
), known AS (
    SELECT post_key, max(checked_at) FILTER (status = 'up') AS last_up_at,
           max(checked_at) FILTER (basis <> 'absent' AND status <> 'unknown') AS known_at,
           arg_max({'status': status, 'cause': cause, 'basis': basis, 'said': said}, checked_at)
               FILTER (basis <> 'absent' AND status <> 'unknown') AS last_known,
           max(checked_at) AS last_checked_at
    FROM checks GROUP BY post_key
), absent AS (
    SELECT post_key, checked_at, run_id, min(checked_at) OVER (PARTITION BY post_key) AS first_missing_at
    FROM checks JOIN known USING (post_key) WHERE basis = 'absent' AND NOT doubtful AND (known_at IS NULL OR checked_at > known_at)
), missing AS (
    SELECT post_key, any_value(first_missing_at) AS first_missing_at,
           min(checked_at) FILTER (checked_at >= first_missing_at + INTERVAL 10 MINUTE AND run_id IN (FROM sound)) AS confirmed_at
    FROM absent GROUP BY post_key
)
SELECT p.platform, p.id,
       CASE WHEN m.confirmed_at IS NOT NULL THEN 'gone' WHEN m.first_missing_at IS NOT NULL THEN 'unconfirmed'
            ELSE coalesce(k.last_known.status, 'unknown') END AS status,
       CASE WHEN m.first_missing_at IS NOT NULL THEN 'missing' ELSE k.last_known.cause END AS cause,
       CASE WHEN m.first_missing_at IS NOT NULL THEN 'absent' ELSE k.last_known.basis END AS basis,
       CASE WHEN m.first_missing_at IS NULL THEN k.last_known.said END AS said,
       k.last_up_at, coalesce(m.first_missing_at, CASE WHEN k.last_known.status <> 'up' THEN k.known_at END) AS first_missing_at,
       m.confirmed_at, k.last_checked_at, p.post_key
FROM known k JOIN held.post p USING (post_key) LEFT JOIN missing m USING (post_key);
