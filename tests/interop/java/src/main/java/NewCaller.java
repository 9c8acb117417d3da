import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.voltdb.client.Client2;
import org.voltdb.client.Client2Config;
import org.voltdb.client.ClientFactory;
import org.voltdb.client.ClientResponse;
import org.voltdb.client.ClientResponseWithPartitionKey;
import org.voltdb.client.ProcCallException;

/** By org.voltdb.client.Client2. */
final class NewCaller implements Caller {
    /** By default it refuses calls beyond 1000 that wait, its own among them. */
    private static final int MOST_WAITING = 100_000;

    private final Client2 client;

    NewCaller(String user, String password, String trustStore, long timeoutMs) {
        Client2Config config = new Client2Config().username(user).password(password);
        config.clientRequestLimit(MOST_WAITING);
        config.procedureCallTimeout(timeoutMs, TimeUnit.MILLISECONDS);
        if (trustStore != null) {
            config.trustStore(trustStore, Interop.TRUST_STORE_PASSWORD).enableSSL().enableSSLHostCheck();
        }
        client = ClientFactory.createClient(config);
    }

    public void connect(String host, int port) throws Exception {
        client.connectSync(host, port);
    }

    public ClientResponse call(String procedure, Object... params) throws Exception {
        try {
            return client.callProcedureSync(procedure, params);
        } catch (ProcCallException error) {
            return error.getClientResponse();
        }
    }

    public void submit(Consumer<ClientResponse> then, String procedure, Object... params) {
        client.callProcedureAsync(procedure, params).thenAccept(then);
    }

    public void drain() throws Exception {
        client.drain();
    }

    public ClientResponseWithPartitionKey[] callAllPartitions(String procedure, Object... params) throws Exception {
        return client.callAllPartitionProcedureSync(null, procedure, params);
    }

    public boolean waitForTopology(long ms) {
        return client.waitForTopology(ms, TimeUnit.MILLISECONDS);
    }

    public String build() {
        return client.clusterBuildString();
    }

    public int connections() {
        return client.connectedHosts().size();
    }

    public void close() {
        client.close();
    }
}
