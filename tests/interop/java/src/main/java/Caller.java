import java.util.function.Consumer;
import org.voltdb.client.ClientResponse;
import org.voltdb.client.ClientResponseWithPartitionKey;

/** What the scenarios need of a client; Client and Client2 have it by different names. */
interface Caller {
    void connect(String host, int port) throws Exception;

    /** The response, also where the client makes an exception of it. */
    ClientResponse call(String procedure, Object... params) throws Exception;

    void submit(Consumer<ClientResponse> then, String procedure, Object... params) throws Exception;

    /** Wait until all that was submitted is answered. */
    void drain() throws Exception;

    ClientResponseWithPartitionKey[] callAllPartitions(String procedure, Object... params) throws Exception;

    boolean waitForTopology(long ms);

    String build();

    /** How many servers it is connected to. */
    int connections();

    void close() throws Exception;
}
