import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.voltdb.VoltTable;
import org.voltdb.VoltType;
import org.voltdb.client.ClientResponse;
import org.voltdb.types.GeographyPointValue;
import org.voltdb.types.GeographyValue;
import org.voltdb.types.TimestampType;

/** What a client was given, and what it saw, as docs/json.md has it. */
final class Json {
    private Json() {}

    static Map<String, Object> response(ClientResponse response) {
        List<Object> tables = new ArrayList<>();
        for (VoltTable table : response.getResults()) {
            tables.add(table(table));
        }
        return Interop.map(
                "status", response.getStatus(),
                "status_string", response.getStatusString(),
                "app_status", response.getAppStatus(),
                "app_status_string", response.getAppStatusString(),
                "tables", tables);
    }

    static Map<String, Object> table(VoltTable table) {
        List<Object> columns = new ArrayList<>();
        for (int i = 0; i < table.getColumnCount(); i++) {
            columns.add(List.of(table.getColumnName(i), table.getColumnType(i).getName()));
        }
        List<Object> rows = new ArrayList<>();
        table.resetRowPosition();
        while (table.advanceRow()) {
            List<Object> row = new ArrayList<>();
            for (int i = 0; i < table.getColumnCount(); i++) {
                Object value = table.get(i, table.getColumnType(i));
                row.add(table.wasNull() ? null : plain(value));
            }
            rows.add(row);
        }
        return Interop.map("status", table.getStatusCode(), "columns", columns, "rows", rows);
    }

    /** A value as text or number; NULLs of any type are null. */
    static Object plain(Object value) {
        if (value == null || isNull(value)) {
            return null;
        }
        if (value instanceof Double && ((Double) value).isNaN()) {
            return "nan";
        }
        if (value instanceof Double && ((Double) value).isInfinite()) {
            return (Double) value > 0 ? "inf" : "-inf";
        }
        if (value instanceof TimestampType) {
            return ((TimestampType) value).getTime();
        }
        if (value instanceof BigDecimal) {
            return ((BigDecimal) value).setScale(12).toPlainString();
        }
        if (value instanceof byte[]) {
            StringBuilder text = new StringBuilder();
            for (byte one : (byte[]) value) {
                text.append(String.format("%02x", one));
            }
            return text.toString();
        }
        if (value instanceof VoltTable) {
            Map<String, Object> table = table((VoltTable) value);
            table.remove("status");
            return table;
        }
        if (value instanceof GeographyValue || value instanceof GeographyPointValue) {
            return value.toString();
        }
        if (value.getClass().isArray()) {
            List<Object> found = new ArrayList<>();
            for (int i = 0; i < java.lang.reflect.Array.getLength(value); i++) {
                found.add(plain(java.lang.reflect.Array.get(value, i)));
            }
            return found;
        }
        return value;
    }

    private static boolean isNull(Object value) {
        return value.equals(VoltType.NULL_TINYINT)
                || value.equals(VoltType.NULL_SMALLINT)
                || value.equals(VoltType.NULL_INTEGER)
                || value.equals(VoltType.NULL_BIGINT)
                || value.equals(VoltType.NULL_FLOAT)
                || value == VoltType.NULL_TIMESTAMP
                || value == VoltType.NULL_STRING_OR_VARBINARY
                || value == VoltType.NULL_DECIMAL
                || value == VoltType.NULL_POINT
                || value == VoltType.NULL_GEOGRAPHY;
    }

    static String text(Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value);
        return out.toString();
    }

    private static void write(StringBuilder out, Object value) {
        if (value instanceof Map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                out.append(separator);
                write(out, entry.getKey());
                out.append(':');
                write(out, entry.getValue());
                separator = ",";
            }
            out.append('}');
        } else if (value instanceof List) {
            String separator = "[";
            for (Object element : (List<?>) value) {
                out.append(separator);
                write(out, element);
                separator = ",";
            }
            out.append(((List<?>) value).isEmpty() ? "[]" : "]");
        } else if (value instanceof String) {
            out.append('"');
            for (char c : ((String) value).toCharArray()) {
                out.append(c < 32 || c > 126 || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : c);
            }
            out.append('"');
        } else {
            out.append(value);
        }
    }
}
