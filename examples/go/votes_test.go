package votes

import (
	"strings"
	"testing"

	"github.com/VoltDB/voltdb-client-go/voltdbclient"
)

const (
	counted = `{"tables": [{"columns": [["", "BIGINT"]], "rows": [[0]]}]}`
	tooMany = `{"tables": [{"columns": [["", "BIGINT"]], "rows": [[2]]}]}`
	results = `{"tables": [{"columns": [["CONTESTANT_NAME", "STRING"]], "rows": [["Kelly Clauss"]]}]}`
	failed  = `{"status": "GRACEFUL_FAILURE", "status_string": "out of memory"}`
)

func connected(t *testing.T) (*mockServer, *voltdbclient.Conn) {
	server := startMock(t)
	conn, err := voltdbclient.OpenConn(server.address())
	check(t, err)
	t.Cleanup(func() { conn.Close() })
	return server, conn
}

func TestAVoteIsSentWithTheLimit(t *testing.T) {
	server, conn := connected(t)
	server.answer(t, "Vote", counted)
	if reason, err := Vote(conn, 6175551212, 3); reason != "" || err != nil {
		t.Error(reason, err)
	}
	calls := server.calls(t, "Vote")
	if len(calls) != 1 || calls[0] != `[["BIGINT",6175551212],["INTEGER",3],["BIGINT",2]]` {
		t.Error(calls)
	}
}

func TestTheThirdVoteIsRefused(t *testing.T) {
	server, conn := connected(t)
	server.answer(t, "Vote", counted, counted, tooMany)
	var reason string
	for i := 0; i < 3; i++ {
		var err error
		reason, err = Vote(conn, 6175551212, 3)
		check(t, err)
	}
	if reason != "a phone has 2 votes" {
		t.Error(reason)
	}
}

func TestWhoLeads(t *testing.T) {
	server, conn := connected(t)
	server.answer(t, "Results", results)
	if leader, err := Leader(conn); leader != "Kelly Clauss" || err != nil {
		t.Error(leader, err)
	}
}

func TestAServerThatRefusesIsToldOf(t *testing.T) {
	server, conn := connected(t)
	server.answer(t, "Vote", failed)
	if _, err := Vote(conn, 6175551212, 3); err == nil || !strings.Contains(err.Error(), "out of memory") {
		t.Error(err)
	}
}
