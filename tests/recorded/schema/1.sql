-- The store, version 1. Times are TIMESTAMP in UTC (never TIMESTAMPTZ: 12 times slower to truncate), ids are text.
-- No PRIMARY KEY on large tables: an index makes an append 20 times slower; the drain removes duplicates itself.
-- Base tables live in schema `held`; people read the views at the end of this file.
CREATE SCHEMA held;

-- Small tables, edited by hand -------------------------------------------------------------------------------------
CREATE TABLE held.meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE held.campaign (
    campaign_id INTEGER PRIMARY KEY,
    name        VARCHAR NOT NULL,     -- the slug in the campaign file
    state       VARCHAR NOT NULL,     -- active, paused, archived
    live        BOOLEAN NOT NULL,     -- whether collectors may ask the network for it
    added_at    TIMESTAMP NOT NULL
);
CREATE TABLE held.campaign_version ( -- every version of every campaign file that was ever in force
    campaign_id INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    title       VARCHAR NOT NULL,
    source      VARCHAR NOT NULL,     -- the file's own text
    saved_at    TIMESTAMP NOT NULL
);

-- The ledger -------------------------------------------------------------------------------------------------------
CREATE TABLE held.segment (          -- one row a drained segment, written in the transaction that holds its rows
    segment_id   VARCHAR NOT NULL,
    drained_at   TIMESTAMP NOT NULL,
    rows         BIGINT NOT NULL,     -- rows in the file, all tables
    observations BIGINT NOT NULL,     -- readings that were new
    duplicates   BIGINT NOT NULL,     -- readings of a post at a moment that was held already
    new_posts    BIGINT NOT NULL      -- posts that the campaign did not hold before
);
CREATE TABLE held.run (              -- append-only; a run writes a row as it goes on, the last one counts
    run_id      VARCHAR NOT NULL,
    seq         INTEGER NOT NULL,
    collector   VARCHAR NOT NULL,
    mode        VARCHAR NOT NULL,
    campaign_id INTEGER,
    query       VARCHAR,              -- what was asked: kind:text, or the file's name
    started_at  TIMESTAMP NOT NULL,
    ended_at    TIMESTAMP,            -- NULL while it runs
    outcome     VARCHAR NOT NULL,     -- running, answered, refused, broken, cut_short
    asked       INTEGER NOT NULL,     -- answers asked for: answered + refused + broken
    answered    INTEGER NOT NULL,
    refused     INTEGER NOT NULL,
    broken      INTEGER NOT NULL,     -- answers that could not be had or read
    posts       BIGINT NOT NULL,      -- posts that came, before matching
    matched     BIGINT NOT NULL,
    rejected    BIGINT NOT NULL,      -- records that could not be read
    window_from TIMESTAMP,            -- what was really covered, not what was asked for
    window_to   TIMESTAMP,
    claimed_total BIGINT,             -- the platform's own count of results
    reason      VARCHAR               -- why it was refused, broke or was cut short
);
CREATE TABLE held.checkpoint (       -- where to go on; written together with the items that it follows
    collector   VARCHAR NOT NULL,
    mode        VARCHAR NOT NULL,
    campaign_id INTEGER NOT NULL,
    query       VARCHAR NOT NULL,
    cursor      VARCHAR,
    saved_at    TIMESTAMP NOT NULL
);

-- What was seen ----------------------------------------------------------------------------------------------------
CREATE TABLE held.post (
    post_key     BIGINT NOT NULL,     -- blake2b-64 of platform and stored id
    platform     VARCHAR NOT NULL,
    id           VARCHAR NOT NULL,    -- the platform's id; where that names an account, a stand-in
    url          VARCHAR,             -- the form without an account; NULL where there is none
    kind         VARCHAR,
    title        VARCHAR,
    text         VARCHAR,
    published_at TIMESTAMP,
    published_precision VARCHAR,      -- second, minute, hour, day
    lang         VARCHAR,             -- BCP 47, as the platform or the author declared it
    region       VARCHAR,             -- of the post or its audience, never of a person
    region_basis VARCHAR,
    duration_s   DOUBLE,
    hashtags     VARCHAR[],
    links        VARCHAR[],           -- addresses that the post gives, in the form without an account
    policy       VARCHAR NOT NULL,    -- whose terms bind this row: the platform's name, or published
    first_seen_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL
);
CREATE TABLE held.post_campaign (
    post_key    BIGINT NOT NULL,
    campaign_id INTEGER NOT NULL,
    role        VARCHAR NOT NULL,     -- match, control, kept
    author      BLOB,                 -- pseudonym of 16 bytes, of this campaign only; NULL = not shown
    publisher   VARCHAR,              -- an outlet on the operator's list, by name
    sealed      BLOB,                 -- native id, closed with the campaign's key, where it names an account
    run_id      VARCHAR NOT NULL      -- the run that brought it first
);
CREATE TABLE held.observation (      -- append-only: one reading of one post at one moment; NULL = not shown
    post_key BIGINT NOT NULL, observed_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL,
    views BIGINT, views_low BIGINT, views_high BIGINT,             -- views is the number as shown; where the platform
    likes BIGINT, likes_low BIGINT, likes_high BIGINT,             -- rounds, the true one lies in low..high, and a
    shares BIGINT, shares_low BIGINT, shares_high BIGINT,          -- NULL high means no upper bound
    comments BIGINT, comments_low BIGINT, comments_high BIGINT
);
CREATE TABLE held.availability (     -- append-only: what one check said
    post_key BIGINT NOT NULL, checked_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL,
    vantage VARCHAR NOT NULL, status VARCHAR NOT NULL, cause VARCHAR, basis VARCHAR NOT NULL,
    allowed_in VARCHAR[], blocked_in VARCHAR[]
);
CREATE TABLE held.listing (          -- a post's place on a list or chart
    post_key BIGINT NOT NULL, list VARCHAR NOT NULL, region VARCHAR, rank INTEGER,
    observed_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL
);
CREATE TABLE held.match (            -- append-only; of one post and campaign the last version counts
    post_key BIGINT NOT NULL, campaign_id INTEGER NOT NULL, version INTEGER NOT NULL,
    kind VARCHAR,                     -- link, title, phrase, hashtag; NULL = matches no longer
    term VARCHAR, confidence DOUBLE NOT NULL, video INTEGER, matched_at TIMESTAMP NOT NULL
);
CREATE TABLE held.review (           -- append-only; the last verdict counts
    post_key BIGINT NOT NULL, campaign_id INTEGER NOT NULL, verdict VARCHAR NOT NULL,
    reviewer VARCHAR NOT NULL, note VARCHAR, reviewed_at TIMESTAMP NOT NULL
);

-- Derived: can be made again from the tables above (spillover verify proves them equal; definitions in derived.py) --
CREATE TABLE held.member (           -- how sure we are that a post is about a campaign: the last verdict, else the last match
    post_key BIGINT NOT NULL, campaign_id INTEGER NOT NULL, role VARCHAR NOT NULL,
    version INTEGER, kind VARCHAR, term VARCHAR, confidence DOUBLE, video INTEGER, matched_at TIMESTAMP,
    verdict VARCHAR, reviewed_at TIMESTAMP,
    band VARCHAR NOT NULL             -- reviewed, high, medium, low, kept, control, rejected, dropped (matched an earlier version)
);
CREATE TABLE held.post_latest (      -- per metric the last known value, with its bounds
    post_key BIGINT NOT NULL, observed_at TIMESTAMP NOT NULL, first_observed_at TIMESTAMP NOT NULL, readings INTEGER NOT NULL,
    views_at TIMESTAMP, views BIGINT, views_low BIGINT, views_high BIGINT,
    likes_at TIMESTAMP, likes BIGINT, likes_low BIGINT, likes_high BIGINT,
    shares_at TIMESTAMP, shares BIGINT, shares_low BIGINT, shares_high BIGINT,
    comments_at TIMESTAMP, comments BIGINT, comments_low BIGINT, comments_high BIGINT
);
CREATE TABLE held.reach_hourly (     -- partial sums: add them up; a correction is a negative row
    hour TIMESTAMP NOT NULL, campaign_id INTEGER NOT NULL, platform VARCHAR NOT NULL,
    region VARCHAR NOT NULL, lang VARCHAR NOT NULL, band VARCHAR NOT NULL, -- unknown where not known
    views BIGINT NOT NULL,            -- new known views, each increment spread over the time between its two readings
    increments BIGINT NOT NULL        -- how many increments touch the hour
);

-- The public views: what `spillover sql`, notebooks and analyses read ----------------------------------------------
CREATE VIEW campaigns AS
SELECT c.name, c.state, c.live, arg_max(v.title, v.version) AS title, max(v.version) AS version, c.added_at
FROM held.campaign c JOIN held.campaign_version v USING (campaign_id) GROUP BY ALL;

CREATE VIEW posts AS -- one row a post and campaign
SELECT k.name AS campaign, p.platform, p.id, p.url, p.kind, p.title, p.text, lower(hex(c.author)) AS author, c.publisher,
       p.published_at, p.published_precision, p.lang, p.region, p.region_basis, p.duration_s, p.hashtags, p.links,
       m.role, m.kind AS match_kind, m.term AS match_term, m.confidence, m.verdict, m.band,
       p.policy, p.first_seen_at, p.last_seen_at, p.post_key
FROM held.post p
JOIN held.post_campaign c USING (post_key)
JOIN held.member m ON m.post_key = c.post_key AND m.campaign_id = c.campaign_id
JOIN held.campaign k ON k.campaign_id = c.campaign_id;

CREATE VIEW observations AS
SELECT p.platform, p.id, o.observed_at, o.views, o.views_low, o.views_high, o.likes, o.likes_low, o.likes_high,
       o.shares, o.shares_low, o.shares_high, o.comments, o.comments_low, o.comments_high, o.run_id, o.post_key
FROM held.observation o JOIN held.post p USING (post_key);

CREATE VIEW availability AS
SELECT p.platform, p.id, a.checked_at, a.status, a.cause, a.basis, a.allowed_in, a.blocked_in, a.vantage, a.run_id, a.post_key
FROM held.availability a JOIN held.post p USING (post_key);

CREATE VIEW listings AS
SELECT l.list, l.region, l.rank, l.observed_at, p.platform, p.id, l.run_id, l.post_key
FROM held.listing l JOIN held.post p USING (post_key);

CREATE VIEW matches AS
SELECT k.name AS campaign, p.platform, p.id, m.version, m.kind, m.term, m.confidence, m.video, m.matched_at, m.post_key
FROM held.match m JOIN held.post p USING (post_key) JOIN held.campaign k USING (campaign_id);

CREATE VIEW reviews AS
SELECT k.name AS campaign, p.platform, p.id, r.verdict, r.note, r.reviewed_at, r.post_key
FROM held.review r JOIN held.post p USING (post_key) JOIN held.campaign k USING (campaign_id);

CREATE VIEW runs AS
SELECT r.* EXCLUDE (seq, campaign_id), k.name AS campaign
FROM held.run r LEFT JOIN held.campaign k USING (campaign_id)
QUALIFY row_number() OVER (PARTITION BY r.run_id ORDER BY r.seq DESC) = 1;

CREATE VIEW latest AS
SELECT p.platform, p.id, l.* FROM held.post_latest l JOIN held.post p USING (post_key);

CREATE VIEW reach_hourly AS
SELECT h.hour, k.name AS campaign, h.platform, h.region, h.lang, h.band,
       sum(h.views)::BIGINT AS views, sum(h.increments)::BIGINT AS increments
FROM held.reach_hourly h JOIN held.campaign k USING (campaign_id) GROUP BY ALL
HAVING sum(h.views) <> 0 OR sum(h.increments) <> 0;
