package main

import (
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/VoltDB/voltdb-client-go/voltdbclient"
)

var errUnsupported = errors.New("the client has no such parameters")

// parameter is the value of a type, both as docs/json.md has them.
func parameter(kind string, value json.RawMessage) (driver.Value, error) {
	if string(value) == "null" { // the client announces a byte that it doesn't send
		return nil, errUnsupported
	}
	var text string
	if value[0] == '"' {
		if err := json.Unmarshal(value, &text); err != nil {
			return nil, err
		}
	} else {
		text = string(value)
	}
	switch kind {
	case "TINYINT":
		number, err := strconv.ParseInt(text, 10, 8)
		return int8(number), err
	case "SMALLINT":
		number, err := strconv.ParseInt(text, 10, 16)
		return int16(number), err
	case "INTEGER":
		number, err := strconv.ParseInt(text, 10, 32)
		return int32(number), err
	case "BIGINT":
		number, err := strconv.ParseInt(text, 10, 64)
		return number, err
	case "FLOAT":
		number, err := strconv.ParseFloat(text, 64)
		return number, err
	case "STRING":
		return text, nil
	case "VARBINARY":
		return hex.DecodeString(text)
	case "TIMESTAMP":
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil || microseconds(number).Round(time.Microsecond).UnixNano()/1000 != number {
			return nil, errUnsupported // a year that nanoseconds don't reach
		}
		return microseconds(number), nil
	}
	return nil, errUnsupported
}

func microseconds(since1970 int64) time.Time {
	return time.UnixMicro(since1970)
}

func tablesOf(rows voltdbclient.VoltRows) ([]line, error) {
	tables := []line{}
	for number := int16(0); rows.AdvanceToTable(number); number++ {
		names, types := rows.Columns(), rows.ColumnTypes()
		columns := make([][]interface{}, len(names))
		for i, name := range names {
			columns[i] = []interface{}{name, typeNames[types[i]]}
		}
		found := [][]interface{}{}
		for rows.AdvanceRow() {
			row := make([]interface{}, len(types))
			for i, code := range types {
				value, err := read(rows, code, int16(i))
				if err != nil {
					return nil, err
				}
				row[i] = plain(value)
			}
			found = append(found, row)
		}
		tables = append(tables, line{"columns": columns, "rows": found})
	}
	return tables, nil
}

var typeNames = map[int8]string{3: "TINYINT", 4: "SMALLINT", 5: "INTEGER", 6: "BIGINT", 8: "FLOAT", 9: "STRING",
	11: "TIMESTAMP", 22: "DECIMAL", 25: "VARBINARY", 26: "GEOGRAPHY_POINT", 27: "GEOGRAPHY"}

func read(rows voltdbclient.VoltRows, code int8, index int16) (interface{}, error) {
	switch typeNames[code] {
	case "TINYINT":
		return rows.GetTinyInt(index)
	case "SMALLINT":
		return rows.GetSmallInt(index)
	case "INTEGER":
		return rows.GetInteger(index)
	case "BIGINT":
		return rows.GetBigInt(index)
	case "FLOAT":
		return rows.GetFloat(index)
	case "STRING":
		return rows.GetString(index)
	case "TIMESTAMP":
		return rows.GetTimestamp(index)
	case "DECIMAL":
		return rows.GetDecimal(index)
	default:
		return rows.GetVarbinary(index)
	}
}

// plain is a value as text or number; NULL's values are null.
func plain(value interface{}) interface{} {
	switch value := value.(type) {
	case int8:
		return unless(value == math.MinInt8, value)
	case int16:
		return unless(value == math.MinInt16, value)
	case int32:
		return unless(value == math.MinInt32, value)
	case int64:
		return unless(value == math.MinInt64, value)
	case float64:
		if math.IsNaN(value) {
			return "nan"
		}
		if math.IsInf(value, 0) {
			return fmt.Sprint(map[bool]string{true: "inf", false: "-inf"}[value > 0])
		}
		return unless(value == -1.7e308, value)
	case time.Time:
		return value.UnixMicro()
	case *big.Float:
		return value.Text('f', 12)
	case []byte:
		return hex.EncodeToString(value)
	}
	return value
}

func unless(isNull bool, value interface{}) interface{} {
	if isNull {
		return nil
	}
	return value
}
