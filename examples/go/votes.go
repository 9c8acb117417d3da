// Package votes is a small application: it counts votes in VoltDB, and tells who leads.
package votes

import (
	"database/sql/driver"
	"fmt"

	"github.com/VoltDB/voltdb-client-go/voltdbclient"
)

const votesAPhone = 2

var refusals = map[int64]string{
	1: "there is no such contestant",
	2: fmt.Sprintf("a phone has %d votes", votesAPhone),
}

// Vote gives the reason where the vote doesn't count, and "" where it does.
func Vote(conn *voltdbclient.Conn, phone int64, contestant int32) (string, error) {
	rows, err := query(conn, "Vote", phone, contestant, int64(votesAPhone))
	if err != nil {
		return "", err
	}
	rows.AdvanceRow()
	status, err := rows.GetBigInt(0)
	if err != nil {
		return "", err
	}
	return refusals[status.(int64)], nil
}

// Leader is the name of who has the most votes; "" before the first vote.
func Leader(conn *voltdbclient.Conn) (string, error) {
	rows, err := query(conn, "Results")
	if err != nil || !rows.AdvanceRow() {
		return "", err
	}
	name, err := rows.GetStringByName("CONTESTANT_NAME")
	if err != nil {
		return "", err
	}
	return name.(string), nil
}

func query(conn *voltdbclient.Conn, procedure string, params ...driver.Value) (voltdbclient.VoltRows, error) {
	rows, err := conn.Query(procedure, params)
	if err != nil {
		return voltdbclient.VoltRows{}, err
	}
	return rows.(voltdbclient.VoltRows), nil
}
