import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.voltdb.client.Client2;
import org.voltdb.client.Client2Config;
import org.voltdb.client.ClientFactory;
import org.voltdb.client.ProcCallException;

class VotesTest {
    private static final String COUNTED = "{\"tables\": [{\"columns\": [[\"\", \"BIGINT\"]], \"rows\": [[0]]}]}";
    private static final String TOO_MANY = "{\"tables\": [{\"columns\": [[\"\", \"BIGINT\"]], \"rows\": [[2]]}]}";

    private static MockServer server;
    private static Client2 client;
    private static Votes votes;

    @BeforeAll
    static void start() throws Exception {
        server = new MockServer();
        client = ClientFactory.createClient(new Client2Config());
        client.connectSync("127.0.0.1", server.port);
        votes = new Votes(client);
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        server.close();
    }

    @BeforeEach
    void reset() throws Exception {
        server.reset();
    }

    @Test
    void aVoteIsSentWithTheLimit() throws Exception {
        server.answer("Vote", COUNTED);
        assertEquals(Optional.empty(), votes.vote(6175551212L, 3));
        String calls = server.calls("Vote").replace(" ", "");
        assertTrue(calls.contains("[[\"BIGINT\",6175551212],[\"INTEGER\",3],[\"BIGINT\",2]]"), calls);
    }

    @Test
    void theThirdVoteIsRefused() throws Exception {
        server.answers("Vote", COUNTED, COUNTED, TOO_MANY);
        votes.vote(6175551212L, 3);
        votes.vote(6175551212L, 3);
        assertEquals(Optional.of("a phone has 2 votes"), votes.vote(6175551212L, 3));
    }

    @Test
    void whoLeads() throws Exception {
        server.answer("Results", "{\"tables\": [{\"columns\": [[\"CONTESTANT_NAME\", \"STRING\"]], \"rows\": [[\"Kelly Clauss\"]]}]}");
        assertEquals(Optional.of("Kelly Clauss"), votes.leader());
    }

    @Test
    void aServerThatRefusesIsToldOf() throws Exception {
        server.answer("Vote", "{\"status\": \"GRACEFUL_FAILURE\", \"status_string\": \"out of memory\"}");
        ProcCallException error = assertThrows(ProcCallException.class, () -> votes.vote(6175551212L, 3));
        assertEquals("out of memory", error.getClientResponse().getStatusString());
    }
}
