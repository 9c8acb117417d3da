import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import org.json_voltpatches.JSONArray;
import org.json_voltpatches.JSONObject;
import org.voltdb.VoltTable;
import org.voltdb.client.ClientResponse;

/** Answers lines of JSON, each with a line; ../../../foreign.py says what they are. */
final class Driver {
    private static final int MOST_AT_ONCE = 1000;

    private final String kind;
    private Caller caller;

    Driver(String kind) {
        this.kind = kind;
    }

    void run() throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String text = input.readLine(); text != null; text = input.readLine()) {
            Interop.say(answer(new JSONObject(text)));
        }
        close();
    }

    private Map<String, Object> answer(JSONObject line) throws Exception {
        try {
            if (line.has("host")) {
                return connect(line);
            }
            return line.has("times") ? callOften(line) : call(line);
        } catch (UnsupportedOperationException reason) {
            return Interop.map("unsupported", String.valueOf(reason.getMessage()));
        } catch (Exception error) {
            return Interop.map(line.has("host") ? "refused" : "error", String.valueOf(error));
        }
    }

    private Map<String, Object> connect(JSONObject line) throws Exception {
        close();
        String trustStore = line.has("trust") ? line.getString("trust") : null;
        long timeoutMs = line.optLong("timeout_ms", 60_000);
        caller = Interop.caller(kind, line.optString("user"), line.optString("password"), trustStore, timeoutMs);
        caller.connect(line.getString("host"), line.getInt("port"));
        return Interop.map("connected", true);
    }

    /** Behind what comes next, for Client2 takes up to ten seconds for it. */
    private void close() {
        Caller old = caller;
        caller = null;
        if (old == null) {
            return;
        }
        Thread closing = new Thread(() -> {
            try {
                old.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
        });
        closing.setDaemon(true);
        closing.start();
    }

    private Map<String, Object> call(JSONObject line) throws Exception {
        JSONArray given = line.getJSONArray("params");
        Object[] params = new Object[given.length()];
        for (int i = 0; i < params.length; i++) {
            JSONArray param = given.getJSONArray(i);
            params[i] = Params.of(param.getString(0), param.get(1));
        }
        return Interop.map("response", Json.response(caller.call(line.getString("procedure"), params)));
    }

    private Map<String, Object> callOften(JSONObject line) throws Exception {
        String procedure = line.getString("procedure");
        int times = line.getInt("times");
        Map<String, Integer> statuses = new TreeMap<>();
        int[] echoed = {0};
        BiConsumer<Long, ClientResponse> take = (number, response) -> {
            synchronized (statuses) {
                statuses.merge(String.valueOf(response.getStatus()), 1, Integer::sum);
                echoed[0] += Objects.equals(number, onlyValue(response)) ? 1 : 0;
            }
        };
        Semaphore room = new Semaphore(MOST_AT_ONCE);
        for (long i = 0; i < times; i++) {
            long number = i;
            if (!line.getBoolean("asynchronous")) {
                take.accept(number, caller.call(procedure, number));
                continue;
            }
            room.acquire();
            caller.submit(
                    response -> {
                        take.accept(number, response);
                        room.release();
                    },
                    procedure,
                    number);
        }
        room.acquire(MOST_AT_ONCE);
        return Interop.map("statuses", statuses, "echoed", echoed[0]);
    }

    private static Long onlyValue(ClientResponse response) {
        VoltTable[] tables = response.getResults();
        return tables.length == 1 && tables[0].getRowCount() == 1 ? tables[0].fetchRow(0).getLong(0) : null;
    }
}
