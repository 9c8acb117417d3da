import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.voltdb.VoltTable;
import org.voltdb.VoltType;
import org.voltdb.client.ClientResponse;
import org.voltdb.client.ClientResponseWithPartitionKey;
import org.voltdb.types.GeographyPointValue;
import org.voltdb.types.GeographyValue;
import org.voltdb.types.TimestampType;

/**
 * Interop Client|Client2 HOST PORT USER PASSWORD TRUST_STORE|- SCENARIO..., or Interop Client|Client2, which
 * is driven by lines of JSON.
 *
 * <p>Goes through the scenarios, and prints each call with its response as a line of JSON when the
 * response is there. "wait" prints a line and waits for one on standard input.
 */
public final class Interop {
    static final String TRUST_STORE_PASSWORD = "changeit";
    private static final int PIPELINED = 1000;
    private static final int KEYS = 40;
    private static final long TOPOLOGY_MS = 30_000;
    private static final long CALL_MS = 120_000;

    private static Caller caller;

    public static void main(String[] args) throws Exception {
        if (args.length == 1) {
            new Driver(args[0]).run();
            return;
        }
        String trustStore = args[5].equals("-") ? null : args[5];
        caller = caller(args[0], args[3], args[4], trustStore, CALL_MS);
        try {
            caller.connect(args[1], Integer.parseInt(args[2]));
        } catch (Exception error) {
            say(map("refused", String.valueOf(error.getMessage())));
            caller.close();
            say(map("end", true));
            return;
        }
        say(map("build", caller.build()));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (int i = 6; i < args.length; i++) {
            run(args[i], input);
        }
        caller.close();
        say(map("end", true));
    }

    static Caller caller(String kind, String user, String password, String trustStore, long timeoutMs)
            throws Exception {
        Class<?> found = Class.forName(kind.equals("Client2") ? "NewCaller" : "OldCaller");
        return (Caller) found.getDeclaredConstructor(String.class, String.class, String.class, long.class)
                .newInstance(user, password, trustStore, timeoutMs);
    }

    private static void run(String scenario, BufferedReader input) throws Exception {
        switch (scenario) {
            case "parameters":
                parameters();
                break;
            case "table":
                call("Table");
                break;
            case "failures":
                for (String how : List.of("abort", "app status", "unavailable", "unexpected")) {
                    call("Fail", how);
                }
                call("Nobody", 1);
                break;
            case "pipeline":
                pipeline();
                break;
            case "everywhere":
                everywhere();
                break;
            case "cluster": // the topology is there, and so are connections to both nodes
                say(map("topology", caller.waitForTopology(TOPOLOGY_MS)));
                while (caller.connections() < 2) {
                    Thread.sleep(20);
                }
                break;
            case "routes":
                for (int key = 0; key < KEYS; key++) {
                    call("Vote", (long) key, "x");
                }
                break;
            case "wait":
                say(map("waits", true));
                input.readLine();
                break;
            default:
                throw new IllegalArgumentException("no scenario is called " + scenario);
        }
    }

    private static void parameters() throws Exception {
        call("Take", null, (byte) 1, (short) -2, 3, -4L, 5.5, "h\u00e9\n\"", "", new BigDecimal("-2.5"));
        call("Take", Byte.MAX_VALUE, Short.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, Double.MAX_VALUE);
        call("Take", VoltType.NULL_TINYINT, VoltType.NULL_SMALLINT, VoltType.NULL_INTEGER, VoltType.NULL_BIGINT);
        call("Take", VoltType.NULL_FLOAT, VoltType.NULL_TIMESTAMP, VoltType.NULL_STRING_OR_VARBINARY);
        call("Take", VoltType.NULL_DECIMAL, VoltType.NULL_POINT, VoltType.NULL_GEOGRAPHY);
        call("Take", new TimestampType(1_700_000_000_123_456L), new byte[] {0, 127, -1}, new byte[0]);
        call("Take", new GeographyPointValue(1.5, -2.5), GeographyValue.fromWKT("POLYGON((0 0, 3 0, 3 3, 0 0))"));
        call("Take", new short[] {1, -1}, new int[] {2, 3}, new long[] {}, new double[] {0.5});
        call("Take", new String[] {"a", null, ""}, new BigDecimal[] {BigDecimal.ONE}, new byte[][] {{1}, {}});
        call("Take", (Object) new TimestampType[] {new TimestampType(5)});
        VoltTable table = new VoltTable(
                new VoltTable.ColumnInfo("N", VoltType.BIGINT), new VoltTable.ColumnInfo("S", VoltType.STRING));
        table.addRow(1L, "one");
        table.addRow(null, null);
        call("Take", table);
    }

    private static void pipeline() throws Exception {
        CountDownLatch told = new CountDownLatch(PIPELINED); // a client is drained before all is told
        for (int i = 0; i < PIPELINED; i++) {
            Object[] params = {(long) i};
            caller.submit(
                    response -> {
                        sayCall("Echo", params, response);
                        told.countDown();
                    },
                    "Echo",
                    params);
        }
        caller.drain();
        told.await();
    }

    private static void everywhere() throws Exception {
        ClientResponseWithPartitionKey[] found = caller.callAllPartitions("Which");
        for (ClientResponseWithPartitionKey one : found) {
            Map<String, Object> line = callLine("Which", new Object[] {one.partitionKey}, one.response);
            say(line);
        }
    }

    private static void call(String procedure, Object... params) throws Exception {
        sayCall(procedure, params, caller.call(procedure, params));
    }

    private static void sayCall(String procedure, Object[] params, ClientResponse response) {
        say(callLine(procedure, params, response));
    }

    private static Map<String, Object> callLine(String procedure, Object[] params, ClientResponse response) {
        List<Object> values = new ArrayList<>();
        for (Object param : params) {
            values.add(Json.plain(param));
        }
        return map("procedure", procedure, "params", values, "response", Json.response(response));
    }

    static Map<String, Object> map(Object... namesAndValues) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            found.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return found;
    }

    static synchronized void say(Map<String, Object> line) {
        System.out.println(Json.text(line));
    }
}
