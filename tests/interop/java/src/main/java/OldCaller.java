import java.util.function.Consumer;
import org.voltdb.client.Client;
import org.voltdb.client.ClientConfig;
import org.voltdb.client.ClientFactory;
import org.voltdb.client.ClientResponse;
import org.voltdb.client.ClientResponseWithPartitionKey;
import org.voltdb.client.ProcCallException;

/** By org.voltdb.client.Client. */
final class OldCaller implements Caller {
    private final Client client;

    OldCaller(String user, String password, String trustStore, long timeoutMs) {
        ClientConfig config = new ClientConfig(user, password);
        config.setTopologyChangeAware(true);
        config.setProcedureCallTimeout(timeoutMs);
        if (trustStore != null) {
            config.setTrustStore(trustStore, Interop.TRUST_STORE_PASSWORD);
            config.enableSSL();
        }
        client = ClientFactory.createClient(config);
    }

    public void connect(String host, int port) throws Exception {
        client.createConnection(host, port);
    }

    public ClientResponse call(String procedure, Object... params) throws Exception {
        try {
            return client.callProcedure(procedure, params);
        } catch (ProcCallException error) {
            return error.getClientResponse();
        }
    }

    public void submit(Consumer<ClientResponse> then, String procedure, Object... params) throws Exception {
        client.callProcedure(response -> then.accept(response), procedure, params);
    }

    public void drain() throws Exception {
        client.drain();
    }

    public ClientResponseWithPartitionKey[] callAllPartitions(String procedure, Object... params) throws Exception {
        return client.callAllPartitionProcedure(procedure, params);
    }

    /** Client has it since 10: an older one has its topology when it is ready. */
    public boolean waitForTopology(long ms) {
        try {
            return (Boolean) Client.class.getMethod("waitForTopology", long.class).invoke(client, ms);
        } catch (NoSuchMethodException error) {
            return true;
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    public String build() {
        return client.getBuildString();
    }

    public int connections() {
        return client.getConnectedHostList().size();
    }

    public void close() throws Exception {
        client.close();
    }
}
