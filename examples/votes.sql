-- A schema for `MockServer(schema=Path("examples/votes.sql"))`, and for a real server's sqlcmd.
file -inlinebatch END_OF_BATCH

CREATE TABLE contestants (
    number INTEGER NOT NULL,
    name VARCHAR(50) NOT NULL,
    PRIMARY KEY (number)
);

CREATE TABLE votes (
    phone BIGINT NOT NULL,
    state VARCHAR(2) NOT NULL,
    contestant INTEGER NOT NULL
);
PARTITION TABLE votes ON COLUMN phone;

CREATE VIEW votes_by_phone (phone, votes) AS
    SELECT phone, COUNT(*) FROM votes GROUP BY phone;

CREATE PROCEDURE VotesOf PARTITION ON TABLE votes COLUMN phone AS
    SELECT votes FROM votes_by_phone WHERE phone = ?;

END_OF_BATCH
