package main

import (
	"bufio"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/VoltDB/voltdb-client-go/voltdbclient"
)

const mostBytes = 1 << 26

// A request is one line of what this program is to do.
type request struct {
	Host         string
	Port         int
	User         string
	Password     string
	Trust        string
	TimeoutMs    int64 `json:"timeout_ms"`
	Procedure    string
	Params       [][2]json.RawMessage
	Times        *int64
	Asynchronous bool
}

func drive() {
	var conn *voltdbclient.Conn
	timeout := voltdbclient.DefaultQueryTimeout
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, mostBytes)
	for lines.Scan() {
		var what request
		if err := json.Unmarshal(lines.Bytes(), &what); err != nil {
			panic(err)
		}
		if what.Host == "" && what.Times != nil {
			say(callOften(conn, what))
			continue
		}
		if what.Host == "" {
			say(callOnce(conn, what, timeout))
			continue
		}
		if conn != nil {
			conn.Close()
			conn = nil
		}
		if what.Trust != "" {
			say(line{"unsupported": "the client speaks no TLS"})
			continue
		}
		if what.TimeoutMs != 0 {
			timeout = time.Duration(what.TimeoutMs) * time.Millisecond
		}
		var err error
		if conn, err = voltdbclient.OpenConn(address(what)); err != nil {
			conn = nil
			say(line{"refused": err.Error()})
		} else {
			say(line{"connected": true})
		}
	}
}

func address(what request) string {
	where := url.URL{Scheme: "voltdb", Host: net.JoinHostPort(what.Host, strconv.Itoa(what.Port))}
	if what.User != "" {
		where.User = url.UserPassword(what.User, what.Password)
	}
	return where.String()
}

func callOnce(conn *voltdbclient.Conn, what request, timeout time.Duration) line {
	params := make([]driver.Value, len(what.Params))
	for i, given := range what.Params {
		var kind string
		err := json.Unmarshal(given[0], &kind)
		if err == nil {
			params[i], err = parameter(kind, given[1])
		}
		if err != nil {
			return line{"unsupported": fmt.Sprintf("%s %s: %s", given[0], given[1], err)}
		}
	}
	return answered(conn.QueryTimeout(what.Procedure, params, timeout))
}

func callOften(conn *voltdbclient.Conn, what request) line {
	statuses, echoed := map[string]int{}, 0
	var counting sync.Mutex
	var waiting sync.WaitGroup
	for n := int64(0); n < *what.Times; n++ {
		number, params := n, []driver.Value{n}
		take := func(answer line) {
			counting.Lock()
			defer counting.Unlock()
			if response, isThere := answer["response"]; isThere {
				statuses["1"]++
				rows := response.(line)["tables"].([]line)[0]["rows"].([][]interface{})
				if len(rows) == 1 && rows[0][0] == number {
					echoed++
				}
			} else {
				statuses[fmt.Sprint(answer["error"])]++
			}
		}
		if what.Asynchronous {
			waiting.Add(1)
			conn.QueryAsync(consumer(func(answer line) {
				take(answer)
				waiting.Done()
			}), what.Procedure, params)
		} else {
			take(answered(conn.Query(what.Procedure, params)))
		}
	}
	waiting.Wait()
	return line{"statuses": statuses, "echoed": echoed}
}
