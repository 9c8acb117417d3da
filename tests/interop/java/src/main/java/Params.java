import java.math.BigDecimal;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.json_voltpatches.JSONArray;
import org.json_voltpatches.JSONException;
import org.json_voltpatches.JSONObject;
import org.voltdb.VoltTable;
import org.voltdb.VoltType;
import org.voltdb.types.GeographyPointValue;
import org.voltdb.types.GeographyValue;
import org.voltdb.types.TimestampType;

/** Parameters of what docs/json.md has: a type's name and a value. */
final class Params {
    private Params() {}

    static Object of(String type, Object value) throws JSONException {
        if (type.endsWith("[]")) {
            return array(type.substring(0, type.length() - 2), (JSONArray) value);
        }
        if (type.equals("VOLTTABLE") && value instanceof JSONObject) {
            return table((JSONObject) value);
        }
        return value == null || value == JSONObject.NULL ? nullOf(type) : scalar(type, value);
    }

    private static Object scalar(String type, Object value) {
        switch (type) {
            case "TINYINT":
                return ((Number) value).byteValue();
            case "SMALLINT":
                return ((Number) value).shortValue();
            case "INTEGER":
                return ((Number) value).intValue();
            case "BIGINT":
                return ((Number) value).longValue();
            case "FLOAT":
                return number(value);
            case "STRING":
                return value;
            case "TIMESTAMP":
                return new TimestampType(((Number) value).longValue());
            case "DECIMAL":
                return new BigDecimal((String) value);
            case "VARBINARY":
                return bytes((String) value);
            case "GEOGRAPHY_POINT":
                return GeographyPointValue.fromWKT((String) value);
            case "GEOGRAPHY":
                return GeographyValue.fromWKT((String) value);
            default:
                throw new UnsupportedOperationException("no parameter is a " + type);
        }
    }

    private static double number(Object value) {
        if (value instanceof Number) {
            return ((Number) value).doubleValue();
        }
        switch ((String) value) {
            case "-0":
                return -0.0;
            case "inf":
                return Double.POSITIVE_INFINITY;
            case "-inf":
                return Double.NEGATIVE_INFINITY;
            default:
                return Double.NaN;
        }
    }

    private static byte[] bytes(String hex) {
        byte[] found = new byte[hex.length() / 2];
        for (int i = 0; i < found.length; i++) {
            found[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return found;
    }

    private static Object nullOf(String type) {
        switch (type) {
            case "TINYINT":
                return VoltType.NULL_TINYINT;
            case "SMALLINT":
                return VoltType.NULL_SMALLINT;
            case "INTEGER":
                return VoltType.NULL_INTEGER;
            case "BIGINT":
                return VoltType.NULL_BIGINT;
            case "FLOAT":
                return VoltType.NULL_FLOAT;
            case "TIMESTAMP":
                return VoltType.NULL_TIMESTAMP;
            case "DECIMAL":
                return VoltType.NULL_DECIMAL;
            case "GEOGRAPHY_POINT":
                return VoltType.NULL_POINT;
            case "GEOGRAPHY":
                return VoltType.NULL_GEOGRAPHY;
            case "STRING":
            case "VARBINARY":
                return VoltType.NULL_STRING_OR_VARBINARY;
            default:
                return null;
        }
    }

    private static Object array(String type, JSONArray values) throws JSONException {
        int length = values.length();
        switch (type) {
            case "SMALLINT":
                short[] shorts = new short[length];
                for (int i = 0; i < length; i++) {
                    shorts[i] = (Short) of(type, values.get(i));
                }
                return shorts;
            case "INTEGER":
                int[] ints = new int[length];
                for (int i = 0; i < length; i++) {
                    ints[i] = (Integer) of(type, values.get(i));
                }
                return ints;
            case "BIGINT":
                long[] longs = new long[length];
                for (int i = 0; i < length; i++) {
                    longs[i] = (Long) of(type, values.get(i));
                }
                return longs;
            case "FLOAT":
                double[] doubles = new double[length];
                for (int i = 0; i < length; i++) {
                    doubles[i] = (Double) of(type, values.get(i));
                }
                return doubles;
            case "STRING":
                return objects(values, String[]::new, value -> (String) value);
            case "TIMESTAMP":
                return objects(values, TimestampType[]::new, value -> (TimestampType) scalar(type, value));
            case "DECIMAL":
                return objects(values, BigDecimal[]::new, value -> (BigDecimal) scalar(type, value));
            case "VARBINARY":
                return objects(values, byte[][]::new, value -> (byte[]) scalar(type, value));
            case "GEOGRAPHY_POINT":
                return objects(
                        values, GeographyPointValue[]::new, value -> (GeographyPointValue) scalar(type, value));
            case "GEOGRAPHY":
                return objects(values, GeographyValue[]::new, value -> (GeographyValue) scalar(type, value));
            default: // of bytes it is a VARBINARY
                throw new UnsupportedOperationException("no parameter is an array of " + type);
        }
    }

    private static <T> T[] objects(JSONArray values, IntFunction<T[]> make, Function<Object, T> element)
            throws JSONException {
        T[] found = make.apply(values.length());
        for (int i = 0; i < found.length; i++) {
            found[i] = values.isNull(i) ? null : element.apply(values.get(i));
        }
        return found;
    }

    private static VoltTable table(JSONObject given) throws JSONException {
        JSONArray columns = given.getJSONArray("columns");
        String[] types = new String[columns.length()];
        VoltTable.ColumnInfo[] infos = new VoltTable.ColumnInfo[types.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = columns.getJSONArray(i).getString(1);
            infos[i] = new VoltTable.ColumnInfo(columns.getJSONArray(i).getString(0), VoltType.valueOf(types[i]));
        }
        VoltTable table = new VoltTable(infos);
        JSONArray rows = given.getJSONArray("rows");
        for (int i = 0; i < rows.length(); i++) {
            Object[] row = new Object[types.length];
            for (int j = 0; j < row.length; j++) {
                row[j] = rows.getJSONArray(i).isNull(j) ? null : scalar(types[j], rows.getJSONArray(i).get(j));
            }
            table.addRow(row);
        }
        return table;
    }
}
