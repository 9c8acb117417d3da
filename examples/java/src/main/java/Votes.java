import java.util.Map;
import java.util.Optional;
import org.voltdb.VoltTable;
import org.voltdb.client.Client2;

/** A small application: it counts votes in VoltDB, and tells who leads. */
public final class Votes {
    static final long VOTES_A_PHONE = 2;
    private static final Map<Long, String> REFUSALS =
            Map.of(1L, "there is no such contestant", 2L, "a phone has " + VOTES_A_PHONE + " votes");

    private final Client2 client;

    public Votes(Client2 client) {
        this.client = client;
    }

    /** Vote; gives the reason where the vote doesn't count. */
    public Optional<String> vote(long phone, int contestant) throws Exception {
        VoltTable[] tables = client.callProcedureSync("Vote", phone, contestant, VOTES_A_PHONE).getResults();
        return Optional.ofNullable(REFUSALS.get(tables[0].asScalarLong()));
    }

    /** The name of who has the most votes; empty before the first vote. */
    public Optional<String> leader() throws Exception {
        VoltTable results = client.callProcedureSync("Results").getResults()[0];
        return results.advanceRow() ? Optional.of(results.getString("CONTESTANT_NAME")) : Optional.empty();
    }
}
