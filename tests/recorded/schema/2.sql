-- The store. Times are TIMESTAMP in UTC (never TIMESTAMPTZ: 12 times slower to truncate), ids are text.
-- No PRIMARY KEY on large tables: an index makes an append 20 times slower; the drain removes duplicates itself.
-- Base tables live in schema `held`; people read the views of views.sql. A new column goes to the end of its table, and into migrate.py.
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
    outcome     VARCHAR NOT NULL,     -- running, answered, refused, broken, cut_short, not_asked
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
    reason      VARCHAR,              -- why it was refused, broke, was cut short or was not asked
    lag_s       DOUBLE,               -- how far what was read lay behind the clock
    spent       VARCHAR               -- JSON: what it took out of each budget
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
    policy       VARCHAR NOT NULL,    -- whose terms bind this row: the platform's name, of what is on the web its finder's, or published
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
    run_id      VARCHAR NOT NULL,     -- the run that brought it first
    followers_log2 TINYINT            -- order of magnitude of the account's followers; NULL = not shown
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
    allowed_in VARCHAR[], blocked_in VARCHAR[],
    said VARCHAR,                     -- the platform's own words, without accounts
    evidence VARCHAR                  -- what shows it to others: wayback:20250501123000
);
CREATE TABLE held.edge (             -- stated by the platform, never inferred; the parent need not be held
    post_key BIGINT NOT NULL, parent_key BIGINT NOT NULL,
    relation VARCHAR NOT NULL,        -- repost, quote, reply, forward
    seen_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL
);
CREATE TABLE held.control (          -- which posts a matched post is compared with: same platform and form, found by the same run
    campaign_id INTEGER NOT NULL, post_key BIGINT NOT NULL, control_key BIGINT NOT NULL,
    agrees VARCHAR[] NOT NULL,        -- in what they are alike beside platform and form: age, lang, size
    run_id VARCHAR NOT NULL
);
CREATE TABLE held.measure (          -- append-only: a number that is about no post; of one stretch the last reading counts
    campaign_id INTEGER NOT NULL, collector VARCHAR NOT NULL,
    series VARCHAR NOT NULL, subject VARCHAR NOT NULL, unit VARCHAR NOT NULL, region VARCHAR, lang VARCHAR,
    since TIMESTAMP NOT NULL, until TIMESTAMP NOT NULL,
    value DOUBLE,                     -- NULL = not shown
    read_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL
);
CREATE TABLE held.expiry (           -- what was erased because a platform's terms say so: how much, never what
    expired_at TIMESTAMP NOT NULL, policy VARCHAR NOT NULL, what VARCHAR NOT NULL, rows BIGINT NOT NULL, reason VARCHAR NOT NULL
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
