import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** `volttools mock` as a process of its own, told over HTTP what to answer. */
final class MockServer implements AutoCloseable {
    final int port;
    private final Process process;
    private final String control;
    private final HttpClient http = HttpClient.newHttpClient();

    MockServer() throws IOException {
        String command = System.getenv().getOrDefault("VOLTTOOLS", "volttools");
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.addAll(List.of("mock", "--port", "0", "--json", "--quiet"));
        process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy)); // whatever becomes of the tests
        String first = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine();
        port = Integer.parseInt(found("\"port\":(\\d+)", first));
        control = found("\"control_url\":\"([^\"]+)\"", first);
    }

    /** Answer calls of a procedure from now on. */
    void answer(String procedure, String response) throws Exception {
        post("/answers", "{\"procedure\": \"" + procedure + "\", \"response\": " + response + "}");
    }

    /** Answer them one after the other, the last one again and again. */
    void answers(String procedure, String... responses) throws Exception {
        String all = String.join(", ", responses);
        post("/answers", "{\"procedure\": \"" + procedure + "\", \"responses\": [" + all + "]}");
    }

    /** The calls of a procedure, as JSON. */
    String calls(String procedure) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(control + "/calls?procedure=" + procedure)));
    }

    /** Forget answers and calls: between two tests. */
    void reset() throws Exception {
        post("/reset", "");
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    private void post(String path, String json) throws Exception {
        send(HttpRequest.newBuilder(URI.create(control + path)).POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private String send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IllegalArgumentException(response.body());
        }
        return response.body();
    }

    private static String found(String pattern, String line) {
        Matcher matcher = Pattern.compile(pattern).matcher(String.valueOf(line));
        if (!matcher.find()) {
            throw new IllegalStateException("volttools mock said: " + line);
        }
        return matcher.group(1);
    }
}
