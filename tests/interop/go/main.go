// interop ADDRESSES SCENARIO..., or interop, which is driven by lines of JSON (../foreign.py says of which).
//
// Goes through the scenarios by VoltDB's client for Go, and prints each call with what was answered as a line
// of JSON; values as docs/json.md has them. ADDRESSES: voltdb://user:password@host:port, with commas.
package main

import (
	"bufio"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/VoltDB/voltdb-client-go/voltdbclient"
)

const pipelined = 1000
const keys = 40

func main() {
	if len(os.Args) == 1 {
		drive()
		return
	}
	conn, err := voltdbclient.OpenConn(os.Args[1])
	if err != nil {
		say(line{"refused": err.Error()})
	} else {
		say(line{"connected": true})
		input := bufio.NewReader(os.Stdin)
		for _, scenario := range os.Args[2:] {
			run(conn, scenario, input)
		}
		conn.Close()
	}
	say(line{"end": true})
}

func run(conn *voltdbclient.Conn, scenario string, input *bufio.Reader) {
	switch scenario {
	case "parameters":
		call(conn, "Take", []driver.Value{int8(1), int16(-2), int32(3), int64(-4), 5.5, "h\u00e9\n\"", "",
			[]byte{0, 127, 255}, []byte{}, microseconds(1_700_000_000_123_456)})
		call(conn, "Take", []driver.Value{int8(-128), int16(-32768), int32(-1 << 31), int64(-1 << 63), -1.7e308})
	case "table":
		call(conn, "Table", nil)
	case "failures":
		for _, how := range []string{"abort", "app status", "unavailable", "unexpected"} {
			call(conn, "Fail", []driver.Value{how})
		}
		call(conn, "Nobody", []driver.Value{int32(1)})
	case "pipeline":
		pipeline(conn)
	case "routes":
		for key := int64(0); key < keys; key++ {
			call(conn, "Vote", []driver.Value{key, "x"})
		}
	case "wait":
		say(line{"waits": true})
		input.ReadString('\n')
	default:
		panic("no scenario is called " + scenario)
	}
}

func call(conn *voltdbclient.Conn, procedure string, params []driver.Value) {
	sayCall(procedure, params, answered(conn.Query(procedure, params)))
}

func pipeline(conn *voltdbclient.Conn) {
	var waiting sync.WaitGroup
	waiting.Add(pipelined)
	for n := int64(0); n < pipelined; n++ {
		params := []driver.Value{n}
		conn.QueryAsync(consumer(func(answer line) {
			sayCall("Echo", params, answer)
			waiting.Done()
		}), "Echo", params)
	}
	waiting.Wait()
}

// A consumer is told of the answer to an asynchronous call.
type consumer func(answer line)

func (tell consumer) ConsumeError(err error)             { tell(answered(nil, err)) }
func (tell consumer) ConsumeResult(result driver.Result) { panic("no call here is an Exec") }
func (tell consumer) ConsumeRows(rows driver.Rows)       { tell(answered(rows, nil)) }

// What a call was answered: its tables, or the error's text. The client tells no status.
func answered(rows driver.Rows, err error) line {
	if err != nil {
		return line{"error": err.Error()}
	}
	tables, err := tablesOf(rows.(voltdbclient.VoltRows))
	if err != nil {
		return line{"unreadable": err.Error()}
	}
	return line{"response": line{"status": 1, "tables": tables}}
}

func sayCall(procedure string, params []driver.Value, answer line) {
	values := make([]interface{}, len(params))
	for i, param := range params {
		values[i] = plain(param)
	}
	answer["procedure"], answer["params"] = procedure, values
	say(answer)
}

type line map[string]interface{}

var saying sync.Mutex

func say(what line) {
	text, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	saying.Lock()
	defer saying.Unlock()
	fmt.Println(strings.TrimSpace(string(text)))
}
